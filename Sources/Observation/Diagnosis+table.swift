import StoreDomain

extension Diagnosis {
    struct Finding {
        var what: String
        var container: PodContainer?
    }

    /// From an observed state to a cause and a suggested fix.
    struct Row: Sendable {
        let cause: Cause
        let advice: String
        let find: @Sendable (NamespaceView, GracePeriods) -> Finding?
    }

    /// The most telling ones first: what is found early often explains what stands below it. Only what serves the store counts: a task
    /// that failed in its namespace, or a certificate's solver that waits, is no trouble of the store.
    static let table: [Row] = [
        Row(
            cause: .namespaceTerminating,
            advice: "Wait until it is gone, or see which of its objects has a finalizer that nobody serves; then retry."
        ) { view, _ in
            guard let namespace = view.namespace, namespace.metadata.isTerminating else { return nil }
            return Finding(what: (["The namespace \(namespace.name) is being deleted."] + namespace.obstacles).joined(separator: " "))
        },
        Row(
            cause: .nodeLost,
            advice: "Bring the node back, or remove it from the cluster: then the pod is made on another one."
        ) { view, _ in
            view.pods.serving.lazy.filter { !$0.isOver && $0.isOnLostNode(isTold: view.lastWarning(about: $0.name) == "NodeNotReady") }.map
            {
                Finding(what: "The node \($0.node ?? "?") of pod \($0.name) does not answer (NodeLost).")
            }.first
        },
        Row(
            cause: .registryLimit,
            advice: "Wait until the limit is over, or give the cluster an account or a mirror of the registry; then retry."
        ) { view, grace in
            for pod in view.livingPods {
                guard let problem = PodProblem(pod, crashes: grace.crashes), problem.cause == .imagePull else { continue }
                let told = (pod.containers.compactMap(\.state?.waiting?.message) + [view.warning(about: pod.name, "Failed") ?? ""]).joined()
                guard told.contains("429 Too Many Requests") || told.contains("toomanyrequests") else { continue }
                return Finding(what: "The registry refuses the image for now, since too much was pulled from it (429): \(problem.what)")
            }
            return nil
        },
        pods(.imagePull, advice: "Check that the image exists and that the cluster may pull it (registry, pull secret), then retry."),
        pods(
            .missingReference,
            advice: "Put back what is missing, then retry. What holds no passwords of a volume's, Store Weaver makes again by itself."
        ),
        pods(.containerConfiguration, advice: "Check the chart's values and the image, then retry."),
        pods(.outOfMemory, advice: "Choose a larger plan, or give the store less to do, then retry."),
        pods(.crashLoop, advice: "Fix the error shown in the build log, then retry."),
        Row(cause: .volumeNotBound, advice: "Look at the storage class and its provisioner, then retry.") { view, grace in
            if let finding = problem(.volumeNotBound, in: view, grace) { return finding }
            for claim in view.claims.serving where claim.phase != "Bound" {
                let told = view.warning(about: claim.name, "ProvisioningFailed", "FailedBinding")
                if let told { return Finding(what: "The volume \(claim.name) is not bound: \(told).") }
                if claim.phase == "Lost" { return Finding(what: "The volume \(claim.name) has lost its storage.") }
            }
            return nil
        },
        pods(.unschedulable, advice: "Add a node or free resources; the pod is placed as soon as there is room."),
        Row(cause: .volumeNotMounted, advice: "Look at the node and the storage, then retry.") { view, _ in
            mountFailure(in: view, where: { !$0.contains("not found") })
        },
        refusal(.quota, advice: "Raise the store's quota or choose a smaller plan, then retry.") { $0.contains("exceeded quota") },
        refusal(.podSecurity, advice: "The chart or the namespace's Pod Security level has to change; then retry.") {
            $0.contains("violates PodSecurity")
        },
        refusal(.limitRange, advice: "Change the namespace's LimitRange or choose another plan, then retry.") {
            $0.contains("usage per Container") || $0.contains("usage per Pod") || $0.contains("limit to request ratio")
        },
        refusal(.podRefused, advice: "An admission rule of the cluster is in the way; change it or the chart, then retry.") { _ in true },
        Row(cause: .jobFailed, advice: "Its pods' logs tell more; repair what they say, then retry.") { view, _ in
            view.jobs.serving.lazy.compactMap { job in job.failure.map { Finding(what: "The job \(job.name) failed: \($0).") } }.first
        },
        Row(cause: .evicted, advice: "The node is short of resources: add one, or free some.") { view, _ in
            guard !view.workloads.allSatisfy(\.isReady) else { return nil }
            return view.pods.serving.lazy.filter { $0.status?.reason == "Evicted" }.map {
                Finding(what: "The pod \($0.name) was evicted: \($0.status?.message ?? "its node needed the room").")
            }.first
        },
        Row(cause: .progressDeadline, advice: "Its pods' states and logs tell more.") { view, _ in
            view.deployments.serving.lazy.filter(\.isPastDeadline).map { Finding(what: "The deployment \($0.name) makes no progress.") }
                .first
        },
        Row(cause: .notReady, advice: "It may still be starting; the container's log tells more.") { view, _ in
            for pod in view.livingPods where !pod.isReady {
                let told = view.warning(about: pod.name, "Unhealthy").map { ": \($0)" } ?? ""
                return Finding(what: "The pod \(pod.name) is not ready\(told).")
            }
            return nil
        },
        Row(cause: .ingressUnserved, advice: "See that an ingress controller runs and serves that class, then retry.") { view, grace in
            guard grace.needsAddress else { return nil }
            return view.ingresses.serving.lazy.filter { !$0.hasAddress }.map { ingress in
                let wanted = ingress.className.map { "the class \($0)" } ?? "Ingresses without a class, as this one is"
                return Finding(
                    what: "The Ingress \(ingress.name) has no address: no ingress controller has taken it that serves \(wanted)."
                )
            }.first
        },
        Row(
            cause: .certificate,
            advice: "See what cert-manager says of it, and that the address leads to this cluster; then retry."
        ) { view, grace in
            guard grace.needsCertificate, let name = view.missingCertificates.first else { return nil }
            let told = view.wordsOfCertManager.map { ": \($0)" } ?? ""
            return Finding(what: "The certificate is not issued, for there is no Secret \(name)\(told).")
        },
    ]

    /// What keeps visitors from a store whose pods are well.
    package static func ofIngress(in view: NamespaceView, grace: GracePeriods) -> Diagnosis? {
        first(in: view, grace: grace, among: table.filter { [.ingressUnserved, .certificate].contains($0.cause) })
    }

    /// A row about what a pod says of itself.
    private static func pods(_ cause: Cause, advice: String) -> Row {
        Row(cause: cause, advice: advice) {
            problem(cause, in: $0, $1) ?? (cause == .missingReference ? mountFailure(in: $0) { $0.contains("not found") } : nil)
        }
    }

    private static func problem(_ cause: Cause, in view: NamespaceView, _ grace: GracePeriods) -> Finding? {
        for pod in view.livingPods {
            if let problem = PodProblem(pod, crashes: grace.crashes), problem.cause == cause {
                return Finding(what: problem.what, container: problem.container)
            }
        }
        return nil
    }

    private static func mountFailure(in view: NamespaceView, where suits: (String) -> Bool) -> Finding? {
        for pod in view.livingPods where !pod.isReady {
            guard let told = view.warning(about: pod.name, "FailedMount", "FailedAttachVolume"), suits(told) else { continue }
            return Finding(what: "A volume of pod \(pod.name) cannot be mounted: \(told).")
        }
        return nil
    }

    /// A row about pods that the API server does not let be made.
    private static func refusal(_ cause: Cause, advice: String, where suits: @Sendable @escaping (String) -> Bool) -> Row {
        Row(cause: cause, advice: advice) { view, _ in
            // An event stays when its cause is gone; only a workload that still lacks pods has the problem.
            let lacking = (view.replicaSets.serving + view.statefulSets.serving).filter(\.lacksPods).map(\.name)
            let told =
                lacking.lazy.compactMap { view.warning(about: $0, "FailedCreate") } + view.deployments.serving.compactMap(\.replicaFailure)
            return told.first(where: suits).map { Finding(what: "The cluster refuses a pod of the store: \($0).") }
        }
    }
}

extension NamespaceView {
    /// The newest warning of these reasons about an object, without a full stop at its end.
    fileprivate func warning(about name: String, _ reasons: String...) -> String? {
        newest { $0.isWarning && $0.involvedObject?.name == name && reasons.contains($0.reason ?? "") }?.message?.withoutStop
    }

    /// The reason of the newest warning about an object.
    fileprivate func lastWarning(about name: String) -> String? { newest { $0.isWarning && $0.involvedObject?.name == name }?.reason }

    /// The newest warning about a certificate or what it is made by; else what else was said last: an issuer that is not there is none.
    fileprivate var wordsOfCertManager: String? {
        func isAbout(_ event: ClusterEvent) -> Bool {
            ["Certificate", "CertificateRequest", "Order", "Challenge"].contains(event.involvedObject?.kind ?? "")
        }
        return (newest { $0.isWarning && isAbout($0) } ?? newest(isAbout))?.message?.withoutStop
    }

    private func newest(_ suits: (ClusterEvent) -> Bool) -> ClusterEvent? { events.values.filter(suits).max { $0.at < $1.at } }
}

extension String {
    fileprivate var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
