import Cluster
import Foundation
import Observation
import StoreDomain

/// The store's release, installed or changed.
extension StoreAttempt {
    /// A new password where one was asked for since the last: the Secret has the number of the wish that it fulfils, so an attempt that
    /// takes over from another makes no second one.
    private mutating func renewAdministrator() async throws {
        let place = StoreSecrets.administrator(of: store)
        let path = namespacePath + "/secrets/" + place.secret
        guard store.spec.adminRevision > 0, let secret = try await kubernetes.get(path), secret.belongs(to: store) else { return }
        let wanted = String(store.spec.adminRevision)
        guard secret["metadata"]["annotations"][StoreLabels.adminRevision].string != wanted else { return }
        let password = Data(SecretText.random().value.utf8).base64EncodedString()
        _ = try await kubernetes.replace(
            path,
            secret.setting(["data", place.password], to: .string(password))
                .setting(["metadata", "annotations", StoreLabels.adminRevision], to: .string(wanted)),
            under: lease
        )
        oldAdministrator = secret
        try await journal.event("Made a new password for the administrator", .release)
    }

    /// Puts the password back that this attempt replaced, where no pod can have taken the new one.
    private func restoreAdministrator() async throws {
        guard let secret = oldAdministrator else { return }
        let path = namespacePath + "/secrets/" + secret.name
        let now = try await kubernetes.get(path)?["metadata"]["resourceVersion"] ?? .null
        _ = try await kubernetes.replace(path, secret.setting(["metadata", "resourceVersion"], to: now), under: lease)
    }

    /// Helm takes the record for an operation that goes on, and nobody is at it any more. The release before it, if there is one, is what Helm finds then;
    /// what the interrupted one had done already is done again.
    func unlock(_ record: ObjectIdentity) async throws {
        try await toleratingConflict {
            try await kubernetes.delete(namespacePath + "/secrets/" + record.name, uid: record.uid, under: lease)
        }
        try await journal.event("Unlocked the release: an operation on it was interrupted", kind: .warning, .release)
    }

    mutating func apply(_ plan: ReleasePlan, _ desired: DesiredState) async throws -> AttemptOutcome? {
        try await complete(.namespaceCreated, .secretsGenerated)
        // Before anything is touched.
        if memory.isNeverEmpty, let lost = try await lostVolume() { return try await giveUpLost(lost) }
        if memory.isChange, let problem = try await volumeProblem(plan) {
            cause = problem.code
            return try await goBack(after: problem.message)
        }
        // What is closed is no generation of the store.
        if desired != .closed { try await journal.resolved(plan.spec, values: String(decoding: try plan.values.data(), as: UTF8.self)) }
        try await copySharedSecrets()
        try await placeCertificates(plan)
        try await renewAdministrator()
        try await journal.event("Installing the chart", .release)
        do {
            try await provisioner.helm.upgradeInstall(
                release: release,
                namespace: namespace,
                chart: plan.chart,
                values: plan.values(openTo: try await nodeNetworks(), replacesFirst: memory.replacesFirst),
                labels: [
                    StoreLabels.digest: plan.digest,
                    StoreLabels.attempt: lease.fence.description.replacing("/", with: "."),
                ],
                takesOver: takesOver,
                lease: lease,
                onLine: tellHelm(.release)
            )
        } catch let error as ClusterError where !memory.everReady && !memory.needsReinstall && error.needsReinstall {
            memory.needsReinstall = true
            try await journal.event("The release cannot be changed in place and is made anew: \(error.message)", kind: .warning, .release)
        } catch let error as ClusterError where memory.everReady && error.meaning == .fieldConflict {
            return try await keepServing(despite: error)
        }
        memory.wantsApply = false
        return nil
    }

    /// Somebody else has set what Helm is to set, and Helm changed nothing. A store that serves stays as it is, with its old password; what was not
    /// done and why is told.
    private mutating func keepServing(despite conflict: ClusterError) async throws -> AttemptOutcome {
        let diagnosis = Diagnosis(conflict)
        try await restoreAdministrator()
        try await diagnosed(diagnosis, Evidence(NamespaceView(), log: [conflict.message]))
        try await journal.event("The change was not made, and the store goes on as it was. \(diagnosis.text)", kind: .warning, .release)
        if case .ready(let url, let engineVersion, _) = try await verify(known.applied?.spec.desiredState ?? .running) {
            let change = ChangeFailure(code: diagnosis.cause.rawValue, message: diagnosis.text)
            return .ready(url: store.url ?? url, engineVersion: engineVersion, change: change)
        }
        return .failed(message: diagnosis.text, permanent: true)
    }

    /// Whom the store's web ports admit beside the ingress controller. Where the nodes may not be seen it is nobody, and the build log says so.
    private func nodeNetworks() async throws -> [String] {
        if let told = settings.nodeNetworks { return told }
        do throws(ClusterError) { return try await kubernetes.nodeNetworks() } catch {
            guard error.code == .status(403) else { throw error }
            let what = "The worker may not list the nodes, so the API server may not reach the store. Grant it that, or set NODE_CIDRS"
            try await journal.event("\(what): \(error.message)", kind: .warning, .release)
            return []
        }
    }

    /// Helm's words go into the build log; one that cannot be written there is no reason to stop.
    func tellHelm(_ stage: BuildStage) -> HelmClient.LineHandler {
        { [journal] line in
            let text = LogRedaction.redact(line)
            guard !text.allSatisfy(\.isWhitespace) else { return }
            try? await journal.say(text, kind: .normal, stage: stage, source: .helm)
        }
    }
}

extension ClusterError {
    /// An object that an upgrade cannot change or does not own.
    fileprivate var needsReinstall: Bool { meaning == .immutable || meaning == .foreignObject }
}
