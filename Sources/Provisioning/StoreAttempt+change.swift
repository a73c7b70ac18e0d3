import Cluster
import Foundation
import Observation
import StoreDomain

/// A change of a store that serves: what it is made of, and the way back.
extension StoreAttempt {
    /// What the chart is installed with. The values that an earlier attempt recorded for the generation count; else those that were applied last, with
    /// what the spec says over them, so that nothing changes which nobody asked for. They are made from the chart's files where there are none, where
    /// the version changes, and where that is asked for.
    func makePlan(_ desired: DesiredState, hasRelease: Bool) async throws -> ReleasePlan {
        var store = store
        let applied = known.applied
        var base = try known.recorded.map { try JSON(data: Data($0.utf8)) }
        if base == nil, let values = applied?.values {
            if !known.readsFiles, store.spec.version == applied?.spec.version { base = try JSON(data: Data(values.utf8)) }
        } else if base == nil, memory.everReady, hasRelease, let found = try await provisioner.helm.release(release, namespace: namespace) {
            // A store of before values were recorded keeps what it has.
            let values = try await asMade(found)
            store.spec.fillIn(from: values)
            if store.spec.plan == applied?.spec.plan, let plan = values["plan"].string.flatMap(StorePlan.init) { store.spec.plan = plan }
            store.spec.adminRevision = max(store.spec.adminRevision, values["adminRevision"].int ?? 0)
            if !known.readsFiles, store.spec.version == nil || store.spec.version == found.version { base = values }
            store.spec.version = store.spec.version ?? found.version
        }
        guard let chart = try settings.charts.chart(of: store.engine, version: store.spec.version) else {
            throw MissingChart(engine: store.engine, version: store.spec.version)
        }
        if memory.everReady { try await store.spec.keepVolumes(as: claims()) }
        return try ReleasePlan(store: store, desired, chart: chart, base: base, settings: settings)
    }

    func claims() async throws -> [JSON] {
        try await kubernetes.list(namespacePath + "/persistentvolumeclaims").filter { !$0.isTerminating }
    }

    /// The release's values, with the sizes that its volumes were asked for with: a file of values may have said otherwise since.
    private func asMade(_ release: InstalledRelease) async throws -> JSON {
        try await claims().reduce(release.values) { values, claim in
            guard let part = claim.volumePart else { return values }
            let size = claim["spec"]["resources"]["requests"]["storage"]
            return size.isNull ? values : values.setting(["persistence", part, "size"], to: size)
        }
    }

    /// That a volume of the store is gone, in words: Helm would make an empty one in its place.
    func lostVolume() async throws -> String? {
        let there = try await claims().compactMap(\.volumePart)
        let lost = ["database", "uploads"].filter { !there.contains($0) }
        guard !lost.isEmpty else { return nil }
        return """
            The volume of the store's \(lost.joined(separator: " and of its ")) is gone. Nothing was made in its place. Restore a backup; or recreate \
            the store with an empty one; or delete it.
            """
    }

    /// An empty store in place of one that sold is not what was asked for.
    mutating func giveUpLost(_ message: String) async throws -> AttemptOutcome {
        try await diagnosed(Diagnosis(cause: .dataLost, what: message, advice: ""), Evidence(NamespaceView(), log: [message]))
        return .failed(message: message, permanent: true)
    }

    /// Why a volume cannot grow to the size that is asked for; `nil` where all can, or nobody knows.
    mutating func volumeProblem(_ plan: ReleasePlan) async throws -> ChangeFailure? {
        for claim in try await claims() {
            guard let part = claim.volumePart, let wanted = part == "database" ? plan.spec.database : plan.spec.uploads,
                let has = claim.requestedSize, wanted > has
            else { continue }
            growsVolumes = true
            guard let name = claim["spec"]["storageClassName"].string, !name.isEmpty else { continue }
            do throws(ClusterError) {
                let found = try await kubernetes.get("/apis/storage.k8s.io/v1/storageclasses/" + name)
                guard let found, found["allowVolumeExpansion"].bool != true else { continue }
            } catch {
                // Without the right to look, the API server is asked by doing it.
                guard error.code == .status(403) else { throw error }
                continue
            }
            return ChangeFailure(
                code: "volume-cannot-grow",
                message: """
                    The storage class \(name) cannot make volumes larger: \(claim.name) stays at \(has). Move the store to another class by a backup, \
                    or ask the operators for a class with allowVolumeExpansion.
                    """
            )
        }
        return nil
    }

    /// A change failed. Where the version stayed, the store gets back what it had: then it serves, and the change is told as not made. What cannot go
    /// back stays: a larger volume, and a new password, which a pod may have taken.
    mutating func goBack(after message: String) async throws -> AttemptOutcome {
        let failure = AttemptOutcome.failed(message: message, permanent: true)
        // An attempt before this one decided that already, and saw to the data of another version.
        let isDecided = known.failure != nil
        guard let applied = known.applied, isDecided || store.spec.version == nil || store.spec.version == applied.spec.version else {
            return failure
        }
        var attempt = attempt(at: applied)
        try await attempt.keepVolumes()
        try await journal.goesBack(to: attempt.store.spec, after: message)
        try await journal.event("The change is taken back: \(message)", kind: .warning, .release)
        attempt.memory.isChange = true
        attempt.memory.isNeverEmpty = true
        switch try await attempt.outcome({ try await $0.make(applied.spec.desiredState) }) {
        case .ready(let url, let engineVersion, _):
            return .ready(url: url, engineVersion: engineVersion, change: ChangeFailure(code: cause ?? "not-applied", message: message))
        case .failed(_, permanent: false), .again:
            // The next attempt goes on going back.
            return .failed(message: message, permanent: false)
        case .gone, .relocate, .failed, .cancelled: return failure
        }
    }

    /// A larger volume stays as large.
    private mutating func keepVolumes() async throws {
        store.spec.keepVolumes(as: try await claims())
    }

    mutating func diagnosed(_ diagnosis: Diagnosis, _ evidence: Evidence) async throws {
        cause = diagnosis.cause.rawValue
        try await journal.diagnosed(cause: diagnosis.cause.rawValue, evidence: evidence.json)
    }
}

/// This worker has no such version of the chart; another may have it.
struct MissingChart: Error {
    static let code = "chart-missing"

    let engine: Engine
    let version: ChartVersion?

    var message: String {
        """
        The worker does not have version \(version.map { "\($0)" } ?? "any") of \(engine.rawValue)'s chart. Put it into HELM_CHART_ARCHIVE, or change the \
        store to a version that the workers have.
        """
    }
}

/// Of an attempt at what the store was applied as last: what is resolved there is known already, and why a change failed stays told.
struct SameSpec: ProvisioningJournal {
    let journal: any ProvisioningJournal

    func completed(_ step: ProvisioningStep) async throws { try await journal.completed(step) }
    func failed(_ step: ProvisioningStep, error: String) async throws {}
    func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws {
        try await journal.say(text, kind: kind, stage: stage, source: source)
    }
    func release(_ release: ReleaseRecord) async throws { try await journal.release(release) }
    func administrator(user: String, password: SecretText, signIn: SecretText?) async throws {
        try await journal.administrator(user: user, password: password, signIn: signIn)
    }
    func keep(_ certificate: KeptCertificate) async throws { try await journal.keep(certificate) }
    func certificate(of host: String) async throws -> KeptCertificate? { try await journal.certificate(of: host) }
    func diagnosed(cause: String, evidence: String) async throws {}
    func resolved(_ spec: StoreSpec, values: String) async throws {}
    func goesBack(to spec: StoreSpec, after message: String) async throws {}
}

extension JSON {
    /// Of a claim: which of the volumes that a store's spec knows it is, by its place in the charts' values.
    var volumePart: String? {
        switch label(StoreLabels.component) {
        case "database": "database"
        case "app": "uploads"
        default: nil
        }
    }

    fileprivate var requestedSize: VolumeSize? { self["spec"]["resources"]["requests"]["storage"].string.flatMap { VolumeSize($0) } }
}

extension StoreSpec {
    /// With what a chart's values say of what is open.
    mutating func fillIn(from values: JSON) {
        let volumes = values["persistence"]
        host = host ?? values["host"].string
        storageClass = storageClass ?? volumes["storageClass"].string ?? ""
        database = database ?? volumes["database"]["size"].string.flatMap { VolumeSize($0) }
        uploads = uploads ?? volumes["uploads"]["size"].string.flatMap { VolumeSize($0) }
    }

    /// A volume never shrinks: one that another hand made larger stays so.
    fileprivate mutating func keepVolumes(as claims: [JSON]) {
        for claim in claims {
            guard let size = claim.requestedSize else { continue }
            switch claim.volumePart {
            case "database": database = database.map { max($0, size) }
            case "uploads": uploads = uploads.map { max($0, size) }
            default: continue
            }
        }
    }
}
