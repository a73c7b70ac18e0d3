import Cluster
import Foundation
import Observation
import StoreDomain

/// A change of a store that serves: what it is made of, and the way back.
extension StoreAttempt {
    /// What the chart is installed with. The values that an earlier attempt recorded for the generation count; else those that were applied last, with
    /// what the spec says over them, so that nothing changes which nobody asked for. They are made from the chart's files where there are none, where
    /// the version changes, and where that is asked for.
    func makePlan(hasRelease: Bool) async throws -> ReleasePlan {
        var store = store
        var base = try known.recorded.map { try JSON(data: Data($0.utf8)) }
        if base == nil, !known.readsFiles {
            if let applied = known.applied, let values = applied.values, store.spec.version == applied.spec.version {
                base = try JSON(data: Data(values.utf8))
            } else if memory.everReady, hasRelease {
                let found = try await provisioner.helm.release(release, namespace: namespace)
                if let found, store.spec.version == nil || store.spec.version == found.version { base = try await asMade(found) }
                store.spec.version = store.spec.version ?? found?.version
            }
        }
        guard let chart = try settings.charts.chart(of: store.engine, version: store.spec.version) else {
            throw MissingChart(engine: store.engine, version: store.spec.version)
        }
        // A store of before the plan was recorded keeps the one that it has.
        if known.applied?.values == nil, known.recorded == nil, let plan = base?["plan"].string.flatMap(StorePlan.init) {
            store.spec.plan = plan
        }
        return try ReleasePlan(store: store, chart: chart, base: base, settings: settings)
    }

    /// The release's values, with the sizes and the class that its volumes really have: a file of values may have said otherwise since.
    private func asMade(_ release: InstalledRelease) async throws -> JSON {
        var values = release.values
        for claim in try await kubernetes.list(namespacePath + "/persistentvolumeclaims") where !claim.isTerminating {
            let part: String? =
                switch claim.label(StoreLabels.component) {
                case "database": "database"
                case "app": "uploads"
                default: nil
                }
            guard let part else { continue }
            let size = claim["spec"]["resources"]["requests"]["storage"]
            if !size.isNull { values = values.setting(["persistence", part, "size"], to: size) }
        }
        return values
    }

    /// That a volume of the store is gone, in words: Helm would make an empty one in its place.
    func lostVolume() async throws -> String? {
        let claims = try await kubernetes.list(namespacePath + "/persistentvolumeclaims").filter { !$0.isTerminating }
        let parts = [("database", "database"), ("app", "uploads")]
        let lost = parts.filter { part in !claims.contains { $0.label(StoreLabels.component) == part.0 } }.map(\.1)
        guard !lost.isEmpty else { return nil }
        return """
            The volume of the store's \(lost.joined(separator: " and of its ")) is gone. Nothing was made in its place. Restore a backup; or retry to \
            go on with an empty one; or delete the store.
            """
    }

    /// Why a volume cannot have the size that is asked for; `nil` where all can, or nobody knows.
    mutating func volumeProblem(_ plan: ReleasePlan) async throws -> ChangeFailure? {
        guard memory.everReady else { return nil }
        for claim in try await kubernetes.list(namespacePath + "/persistentvolumeclaims") where !claim.isTerminating {
            let wanted = claim.label(StoreLabels.component) == "database" ? plan.spec.database : plan.spec.uploads
            guard ["database", "app"].contains(claim.label(StoreLabels.component) ?? ""), let wanted,
                let has = claim["spec"]["resources"]["requests"]["storage"].string.flatMap({ VolumeSize($0) }), wanted != has
            else { continue }
            if wanted < has {
                return ChangeFailure(
                    code: "volume-cannot-shrink",
                    message: "The volume \(claim.name) has \(has) and cannot become smaller. Nothing was changed."
                )
            }
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
                    The storage class \(name) cannot make volumes larger: \(claim.name) stays at \(has). Nothing was changed. Move the store to \
                    another class by a backup, or ask the operators for a class with allowVolumeExpansion.
                    """
            )
        }
        return nil
    }

    /// A change failed. Where the version stayed, the store gets back what it had: then it serves, and the change is told as not made.
    mutating func goBack(after message: String) async throws -> ProvisioningOutcome {
        let failure = ProvisioningOutcome.failed(message: message, permanent: true)
        guard let applied = known.applied, store.spec.version == nil || store.spec.version == applied.spec.version else { return failure }
        try await journal.goesBack(after: message)
        try await restoreAdministrator()
        try await journal.event("The change failed: the store gets back what it had before", kind: .warning, .release)
        var before = store
        before.name = applied.name
        before.spec = applied.spec
        var attempt = StoreAttempt(
            store: before,
            provisioner: provisioner,
            lease: lease,
            journal: WayBack(journal: journal),
            isRetry: isRetry,
            takesOver: takesOver,
            known: KnownValues(recorded: applied.values, applied: applied),
            memory: AttemptMemory(everReady: true)
        )
        attempt.memory.isChange = true
        guard case .ready(let url, let engineVersion, nil) = try await attempt.outcome(applied.spec.isAsleep ? .asleep : .running) else {
            return failure
        }
        return .ready(url: url, engineVersion: engineVersion, change: ChangeFailure(code: cause ?? "not-applied", message: message))
    }

    mutating func diagnosed(_ diagnosis: Diagnosis, _ evidence: Evidence) async throws {
        cause = diagnosis.cause.rawValue
        try await journal.diagnosed(cause: diagnosis.cause.rawValue, evidence: evidence.json)
    }
}

/// This worker has no such version of the chart; another may have it.
struct MissingChart: Error {
    let engine: Engine
    let version: ChartVersion?
}

/// The journal of the way back: what is resolved there is known already, and why the change failed stays told.
private struct WayBack: ProvisioningJournal {
    let journal: any ProvisioningJournal

    func completed(_ step: ProvisioningStep) async throws { try await journal.completed(step) }
    func failed(_ step: ProvisioningStep, error: String) async throws {}
    func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws {
        try await journal.say(text, kind: kind, stage: stage, source: source)
    }
    func release(_ release: ReleaseRecord) async throws { try await journal.release(release) }
    func administrator(user: String, password: SecretText) async throws { try await journal.administrator(user: user, password: password) }
    func diagnosed(cause: String, evidence: String) async throws {}
    func resolved(_ spec: StoreSpec, values: String) async throws {}
    func goesBack(after message: String) async throws {}
}
