import Cluster
import Foundation
import Observation
import StoreDomain

/// One attempt at one store.
struct StoreAttempt {
    let store: Store
    let provisioner: Provisioner
    let lease: any Lease
    let journal: any ProvisioningJournal
    let isRetry: Bool
    let takesOver: Bool
    var memory: AttemptMemory
    /// The steps that this attempt has told of.
    var completed: Set<ProvisioningStep> = []
    /// When this attempt granted itself the rights in the namespace.
    var grantedAt: ContinuousClock.Instant?
    /// When the store's time to become ready is over; it begins with the first look at a release that is as wanted.
    var readyBy: ContinuousClock.Instant?

    var kubernetes: KubernetesClient { provisioner.kubernetes }
    var settings: ProvisioningSettings { provisioner.settings }
    var release: String { store.id.rawValue }
    var namespace: String { store.namespace.rawValue }
    var namespacePath: String { "/api/v1/namespaces/\(namespace)" }

    mutating func run(_ desired: DesiredState) async throws -> ProvisioningOutcome {
        let plan = desired == .running ? try ReleasePlan(store: store, settings: settings) : nil
        var budget = RetryBudget(limit: desired == .running ? settings.limit(of: store.engine) : settings.uninstallLimit)
        // Each step changes what is seen; what goes on for longer than this goes in circles.
        var steps = 0
        var last: (step: Step, times: Int)?
        while steps < 20 {
            try Task.checkCancellation()
            do {
                let observed = try await observe(digest: plan?.digest)
                let step = nextStep(desired: desired, observed: observed, memory: memory)
                last = last?.step == step ? (step, (last?.times ?? 0) + 1) : (step, 1)
                if let last, last.times > 2, let helm = step.helmCommand {
                    return .failed(
                        message: "Helm \(helm) ended without an error \(last.times - 1) times, and nothing came of it.",
                        permanent: false
                    )
                }
                if let outcome = try await take(step, desired, observed, plan) { return outcome }
                steps += 1
            } catch let error as ClusterError where error.isTransient || isTooEarly(error) {
                // The cluster flaps or is away: what was done stands, and the next look tells what is left.
                last = nil
                try Task.checkCancellation()
                try lease.confirm()
                guard let pause = budget.pause() else { throw error }
                if budget.isFirst(error.message) { try await journal.event(error.message, kind: .warning, .release) }
                try await Task.sleep(for: pause)
            }
        }
        return .failed(message: "The store does not settle: every step was taken and none lasted.", permanent: false)
    }

    /// `nil`: look again.
    private mutating func take(_ step: Step, _ desired: DesiredState, _ observed: Observed, _ plan: ReleasePlan?) async throws
        -> ProvisioningOutcome?
    {
        switch step {
        case .createNamespace: try await createNamespace()
        case .waitUntilNamespaceIsGone:
            if let stuck = try await waitUntilNamespaceIsGone() {
                return desired == .gone ? .failed(message: stuck, permanent: false) : .again(after: .seconds(10), reason: stuck)
            }
        case .relocate: return .relocate(reason: "The namespace \(namespace) belongs to somebody else.")
        case .grantAccess: try await grantAccess()
        case .createSecrets: try await createSecrets()
        case .apply: if let plan { return try await apply(plan) }
        case .rollback:
            memory.hasRolledBack = true
            try await tolerating {
                try await provisioner.helm.rollback(release: release, namespace: namespace, lease: lease, onLine: tellHelm(.release))
            }
            try await journal.event("Rolled the release back to its last good revision", kind: .warning, .release)
        case .uninstall: try await uninstall(desired)
        case .deleteNamespace: if let uid = observed.namespaceUID { try await deleteNamespace(uid: uid) }
        case .verify: return try await verify()
        case .restart: try await restartApp()
        case .done: return .gone
        case .giveUp(let reason): return .failed(message: reason, permanent: true)
        }
        return nil
    }

    /// Records steps that are done, each once.
    mutating func complete(_ steps: ProvisioningStep...) async throws {
        for step in steps where !completed.contains(step) {
            try await journal.completed(step)
            try await journal.event(step.label, step.stage)
            completed.insert(step)
        }
    }

    private func observe(digest: String?) async throws -> Observed {
        guard let object = try await kubernetes.get(namespacePath) else { return Observed(namespace: .absent) }
        guard object.belongs(to: store) else { return Observed(namespace: .foreign) }
        if object.isTerminating { return Observed(namespace: .terminating) }
        guard try await isAccessible() else { return Observed(namespace: .ours, namespaceUID: object.uid, isAccessible: false) }
        let secrets = try await kubernetes.list(namespacePath + "/secrets?labelSelector=owner%3Dhelm%2Cname%3D\(release)")
        let last = secrets.max { (Int($0.label("version") ?? "") ?? 0) < (Int($1.label("version") ?? "") ?? 0) }
        var hasSecrets = true
        var gone: [String] = []
        for name in StoreSecrets.names(of: store) {
            let secret = try await kubernetes.get(namespacePath + "/secrets/" + name)
            if secret == nil { gone.append(name) }
            if secret?.belongs(to: store) != true { hasSecrets = false }
        }
        if !gone.isEmpty, try await !hasVolumes() { gone = [] }
        return Observed(
            namespace: .ours,
            namespaceUID: object.uid,
            hasSecrets: hasSecrets,
            lostSecrets: gone,
            release: last.map { ReleaseState(word: $0.label("status") ?? "") } ?? .absent,
            isCurrent: digest != nil && last?.label(StoreLabels.digest) == digest
        )
    }

    /// What the store's database has written somewhere; one that waits to be bound is empty.
    private func hasVolumes() async throws -> Bool {
        try await kubernetes.list(namespacePath + "/persistentvolumeclaims").contains { claim in
            !claim.isTerminating && claim["status"]["phase"].string == "Bound"
        }
    }

    private mutating func createNamespace() async throws {
        var labels = StoreSecrets.labels(of: store)
        for mode in ["enforce", "audit", "warn"] { labels["pod-security.kubernetes.io/" + mode] = "restricted" }
        let annotations: [String: JSON] = [
            StoreLabels.attempt: .string(lease.fence.description), StoreLabels.storeName: .string(store.name.rawValue),
            StoreLabels.owner: .string(store.owner?.rawValue ?? ""),
        ]
        try await toleratingConflict {
            _ = try await kubernetes.create(
                "/api/v1/namespaces",
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(namespace), "labels": .object(labels), "annotations": .object(annotations)],
                ],
                under: lease
            )
        }
        try await complete(.namespaceCreated)
    }

    private mutating func createSecrets() async throws {
        try await complete(.namespaceCreated)
        for name in StoreSecrets.names(of: store) {
            let secret = StoreSecrets.object(name, of: store, by: lease.fence)
            try await toleratingConflict { _ = try await kubernetes.create(namespacePath + "/secrets", secret, under: lease) }
            // One that was there before is taken over only when it was made for this store.
            guard let present = try await kubernetes.get(namespacePath + "/secrets/" + name), !present.belongs(to: store) else { continue }
            throw ClusterError(
                code: .foreign,
                message: "The Secret \(name) in namespace \(namespace) was not made for this store. Remove it, then retry."
            )
        }
        try await complete(.secretsGenerated)
    }

    /// A new password where one was asked for since the last: the Secret has the number of the wish that it fulfils, so an attempt that
    /// takes over from another makes no second one.
    /// The Secret as it was; `nil` where nothing was changed.
    private func renewAdministrator() async throws -> JSON? {
        let place = StoreSecrets.administrator(of: store)
        let path = namespacePath + "/secrets/" + place.secret
        guard store.adminRevision > 0, let secret = try await kubernetes.get(path), secret.belongs(to: store) else { return nil }
        let wanted = String(store.adminRevision)
        guard secret["metadata"]["annotations"][StoreLabels.adminRevision].string != wanted else { return nil }
        let password = Data(SecretText.random().value.utf8).base64EncodedString()
        _ = try await kubernetes.replace(
            path,
            secret.setting(["data", place.password], to: .string(password))
                .setting(["metadata", "annotations", StoreLabels.adminRevision], to: .string(wanted)),
            under: lease
        )
        try await journal.event("Made a new password for the administrator", .release)
        return secret
    }

    private mutating func apply(_ plan: ReleasePlan) async throws -> ProvisioningOutcome? {
        try await complete(.namespaceCreated, .secretsGenerated)
        try await copySharedSecrets()
        let old = try await renewAdministrator()
        try await journal.event("Installing the chart", .release)
        do {
            try await provisioner.helm.upgradeInstall(
                release: release,
                namespace: namespace,
                chart: plan.chart,
                valueFiles: [plan.chart + "/" + settings.valuesFile],
                values: plan.values(openTo: try await nodeNetworks()),
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
            return try await keepServing(despite: error, with: old)
        }
        memory.wantsApply = false
        return nil
    }

    /// Somebody else has set what Helm is to set, and Helm changed nothing. A store that serves stays as it is, with its old password; what was not
    /// done and why is told. `secret`: as it was before the attempt.
    private mutating func keepServing(despite conflict: ClusterError, with secret: JSON?) async throws -> ProvisioningOutcome {
        let diagnosis = Diagnosis(conflict)
        if let secret {
            let path = namespacePath + "/secrets/" + secret.name
            let now = try await kubernetes.get(path)?["metadata"]["resourceVersion"] ?? .null
            _ = try await kubernetes.replace(path, secret.setting(["metadata", "resourceVersion"], to: now), under: lease)
        }
        try await journal.diagnosed(cause: diagnosis.cause.rawValue, evidence: Evidence(NamespaceView(), log: [conflict.message]).json)
        try await journal.event("The change was not made, and the store goes on as it was. \(diagnosis.text)", kind: .warning, .release)
        if case .ready(let url, let engineVersion, _) = try await verify() {
            let change = ChangeFailure(code: diagnosis.cause.rawValue, message: diagnosis.text)
            return .ready(url: url, engineVersion: engineVersion, change: change)
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

    private mutating func uninstall(_ desired: DesiredState) async throws {
        memory.hasUninstalled = true
        try await journal.event(desired == .gone ? "Uninstalling" : "Removing what an interrupted operation left", .removal)
        let uninstall = { [provisioner, release, namespace, settings, lease, onLine = tellHelm(.removal)] in
            try await provisioner.helm.uninstall(
                release: release,
                namespace: namespace,
                timeout: settings.uninstallLimit,
                lease: lease,
                onLine: onLine
            )
        }
        // When all is to go anyway, what Helm cannot remove goes with the namespace.
        guard desired == .gone else { return try await uninstall() }
        try await endingPodsAtOnce { try await tolerating(uninstall) }
    }

    /// `uid`: of the namespace that was seen to be ours. One that took its place meanwhile is left alone, with its volumes.
    func deleteNamespace(uid: String) async throws {
        let claims = try await kubernetes.list(namespacePath + "/persistentvolumeclaims")
        // Listed by the namespace's name; they are its own if it is still the same after.
        guard try await kubernetes.get(namespacePath)?.uid == uid else { return }
        for claim in claims where !claim.isTerminating {
            guard let claimUID = claim.uid else { continue }
            let path = namespacePath + "/persistentvolumeclaims/" + claim.name
            try await toleratingConflict { try await kubernetes.delete(path, uid: claimUID, under: lease) }
        }
        try await toleratingConflict {
            try await kubernetes.delete(namespacePath, uid: uid, propagation: "Foreground", under: lease)
        }
        try await journal.event("Namespace \(namespace) is being deleted", .removal)
    }

    /// What keeps it, when it is not gone in time. An obstacle that stays is told as soon as it has stood a while: every namespace that
    /// ends has some for a moment.
    private func waitUntilNamespaceIsGone() async throws -> String? {
        let start = ContinuousClock.now
        let path = "/api/v1/namespaces?fieldSelector=metadata.name%3D\(namespace)"
        var told = ""
        return try await NamespaceChanges(kubernetes: kubernetes, paths: [path, podsPath]).follow {
            await endPods()
            var view = NamespaceView()
            view.namespace = try await kubernetes.list(path, as: NamespaceObject.self).items.first
            guard let diagnosis = Diagnosis.first(in: view), diagnosis.cause == .namespaceTerminating else { return .some(nil) }
            let waited = ContinuousClock.now - start
            if waited >= .seconds(10), diagnosis.what != told, view.namespace?.obstacles.isEmpty == false {
                told = diagnosis.what
                try await journal.event(diagnosis.what, kind: .warning, .removal)
            }
            guard waited >= settings.uninstallLimit else { return nil }
            try await journal.diagnosed(cause: diagnosis.cause.rawValue, evidence: Evidence(view, log: []).json)
            return diagnosis.text
        }
    }

    /// Helm's words go into the build log; one that cannot be written there is no reason to stop.
    private func tellHelm(_ stage: BuildStage) -> HelmClient.LineHandler {
        { [journal] line in
            let text = LogRedaction.redact(line)
            guard !text.allSatisfy(\.isWhitespace) else { return }
            try? await journal.say(text, kind: .normal, stage: stage, source: .helm)
        }
    }

    /// A failure that another step makes good.
    private func tolerating(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ClusterError {
            try Task.checkCancellation()
            try lease.confirm()
            try await journal.event(error.message, kind: .warning, .release)
        }
    }

    /// It is there already: what the next look finds decides.
    func toleratingConflict(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ClusterError where error.code == .status(409) { return }
    }
}

extension ClusterError {
    /// An object that an upgrade cannot change or does not own.
    fileprivate var needsReinstall: Bool { meaning == .immutable || meaning == .foreignObject }
}

extension ProvisioningStep {
    var stage: BuildStage {
        switch self {
        case .namespaceCreated: .namespace
        case .secretsGenerated: .secrets
        case .databaseReady, .appDeployed: .workloads
        case .ingressReady: .storefront
        }
    }
}

/// How long an attempt bears with a cluster that does not answer as it should.
private struct RetryBudget {
    private let end: ContinuousClock.Instant
    private var next = Duration.milliseconds(500)
    private var last = ""

    init(limit: Duration) { end = .now + limit }

    /// What to wait before the next look, growing to 5 s; `nil` when it was borne long enough.
    mutating func pause() -> Duration? {
        guard ContinuousClock.now < end else { return nil }
        defer { next = min(next * 2, .seconds(5)) }
        return next * Double.random(in: 0.5...1)
    }

    /// The same words again are no news.
    mutating func isFirst(_ message: String) -> Bool {
        defer { last = message }
        return message != last
    }
}
