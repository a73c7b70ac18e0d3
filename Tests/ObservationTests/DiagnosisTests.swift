import Cluster
import Foundation
import Observation
import Testing

@Suite struct DiagnosisTests {
    /// What a namespace holds, as the API server would answer it, and what is to be made of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let cause: Diagnosis.Cause
        let words: String
        var pods: [String] = []
        var deployments: [String] = []
        var replicaSets: [String] = []
        var claims: [String] = []
        var jobs: [String] = []
        var events: [String] = []
        var ingresses: [String] = []
        var certificates: [String] = []
        var namespace: String?
        /// Of all objects; nil for what has none.
        var component: String? = "app"

        var testDescription: String { "\(cause.rawValue): \(words)" }

        func view() throws -> NamespaceView {
            var view = NamespaceView()
            view.pods = try objects(pods)
            view.deployments = try objects(deployments)
            view.replicaSets = try objects(replicaSets)
            view.claims = try objects(claims)
            view.jobs = try objects(jobs)
            view.events = try objects(events)
            view.ingresses = try objects(ingresses)
            view.missingCertificates = certificates
            view.namespace = try namespace.map { try JSONDecoder().decode(NamespaceObject.self, from: Data($0.utf8)) }
            return view
        }

        private func objects<Object: ClusterObject>(_ texts: [String]) throws -> [String: Object] {
            let label = component.map { #""labels":{"app.kubernetes.io/component":"\#($0)"},"# } ?? ""
            return Dictionary(
                named: try texts.map { text in
                    let labelled = text.replacing(#""metadata":{"#, with: #""metadata":{"# + label, maxReplacements: 1)
                    return try JSONDecoder().decode(Object.self, from: Data(labelled.utf8))
                }
            )
        }
    }

    private static func pod(_ status: String) -> String { #"{"metadata":{"name":"web-0"},"status":\#(status)}"# }

    private static func waiting(_ reason: String, _ message: String = "", restarts: Int = 0, last: String = "{}") -> String {
        pod(
            #"{"containerStatuses":[{"name":"c","image":"store:1","restartCount":\#(restarts),"lastState":\#(last),"state":{"waiting":{"reason":"\#(reason)","message":"\#(message)"}}}]}"#
        )
    }

    private static func event(_ reason: String, about name: String, _ message: String) -> String {
        #"{"metadata":{"name":"e-\#(reason)"},"type":"Warning","reason":"\#(reason)","message":"\#(message)","involvedObject":{"name":"\#(name)"}}"#
    }

    private static let lacking = #"{"metadata":{"name":"web"},"spec":{"replicas":1},"status":{"replicas":0}}"#
    private static let waitingDeployment = #"{"metadata":{"name":"web"},"spec":{"replicas":1},"status":{"readyReplicas":0}}"#

    // Texts of Kubernetes 1.36 and containerd; what Docker Hub says is from containerd/containerd#5357.
    private static let limited =
        "failed to pull and unpack image: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/mysql/manifests/sha256:14: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit."
    private static let onLostNode =
        #"{"phase":"Running","conditions":[{"type":"Ready","status":"False"},{"type":"ContainersReady","status":"True"}],"containerStatuses":[{"name":"c","state":{"running":{}}}]}"#

    static let cases: [Case] = [
        Case(
            cause: .nodeLost,
            words: "The node node-1 of pod web-0 does not answer (NodeLost)",
            pods: [#"{"metadata":{"name":"web-0"},"spec":{"nodeName":"node-1"},"status":\#(onLostNode)}"#],
            events: [event("NodeNotReady", about: "web-0", "Node is not ready")]
        ),
        Case(
            cause: .nodeLost,
            words: "web-0",
            pods: [
                #"{"metadata":{"name":"web-0","deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"nodeName":"node-1"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"},{"type":"DisruptionTarget","status":"True","reason":"DeletionByTaintManager","message":"Taint manager: deleting due to NoExecute taint"}]}}"#
            ]
        ),
        Case(cause: .nodeLost, words: "NodeLost", pods: [pod(#"{"phase":"Running","reason":"NodeLost"}"#)]),
        Case(cause: .registryLimit, words: "store:1", pods: [waiting("ErrImagePull", limited)]),
        Case(
            cause: .registryLimit,
            words: "too much was pulled",
            pods: [waiting("ImagePullBackOff", "Back-off pulling image store:1")],
            events: [event("Failed", about: "web-0", limited)]
        ),
        Case(
            cause: .ingressUnserved,
            words: "The Ingress web has no address: no ingress controller has taken it that serves the class nosuch",
            ingresses: [#"{"metadata":{"name":"web"},"spec":{"ingressClassName":"nosuch"},"status":{"loadBalancer":{}}}"#]
        ),
        Case(
            cause: .ingressUnserved,
            words: "without a class",
            ingresses: [#"{"metadata":{"name":"web"},"spec":{},"status":{}}"#]
        ),
        Case(
            cause: .certificate,
            words: #"no Secret store-tls: Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt" not found"#,
            events: [
                #"{"metadata":{"name":"e"},"type":"Normal","reason":"IssuerNotFound","message":"Referenced \"ClusterIssuer\" not found: clusterissuer.cert-manager.io \"letsencrypt\" not found","involvedObject":{"kind":"CertificateRequest","name":"store-tls-1"}}"#
            ],
            certificates: ["store-tls"]
        ),
        Case(cause: .imagePull, words: "store:1", pods: [waiting("ImagePullBackOff")]),
        Case(cause: .imagePull, words: "ErrImagePull", pods: [waiting("ErrImagePull")]),
        Case(cause: .imagePull, words: "InvalidImageName", pods: [waiting("InvalidImageName")]),
        Case(cause: .missingReference, words: "secret x not found", pods: [waiting("CreateContainerConfigError", "secret x not found")]),
        Case(
            cause: .missingReference,
            words: "secret y not found",
            pods: [pod("{}")],
            events: [event("FailedMount", about: "web-0", "MountVolume.SetUp failed for volume v : secret y not found")]
        ),
        Case(cause: .containerConfiguration, words: "no command", pods: [waiting("CreateContainerError", "no command specified")]),
        Case(
            cause: .containerConfiguration,
            words: "runAsNonRoot",
            pods: [waiting("CreateContainerConfigError", "runAsNonRoot and image will run as root")]
        ),
        Case(
            cause: .outOfMemory,
            words: "more memory",
            pods: [waiting("CrashLoopBackOff", restarts: 5, last: #"{"terminated":{"exitCode":137,"reason":"OOMKilled"}}"#)]
        ),
        Case(
            cause: .crashLoop,
            words: "status 2",
            pods: [waiting("CrashLoopBackOff", restarts: 5, last: #"{"terminated":{"exitCode":2}}"#)]
        ),
        Case(
            cause: .unschedulable,
            words: "insufficient cpu",
            pods: [
                pod(
                    #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes: insufficient cpu"}]}"#
                )
            ]
        ),
        Case(
            cause: .volumeNotBound,
            words: "unbound",
            pods: [
                pod(
                    #"{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"pod has unbound immediate PersistentVolumeClaims"}]}"#
                )
            ]
        ),
        Case(
            cause: .volumeNotBound,
            words: "no provisioner",
            claims: [#"{"metadata":{"name":"data"},"status":{"phase":"Pending"}}"#],
            events: [event("ProvisioningFailed", about: "data", "no provisioner for class fast")]
        ),
        Case(cause: .volumeNotBound, words: "lost", claims: [#"{"metadata":{"name":"data"},"status":{"phase":"Lost"}}"#]),
        Case(
            cause: .volumeNotMounted,
            words: "timed out",
            pods: [pod("{}")],
            events: [event("FailedAttachVolume", about: "web-0", "attach timed out")]
        ),
        Case(
            cause: .quota,
            words: "exceeded quota",
            replicaSets: [lacking],
            events: [event("FailedCreate", about: "web", "pods web-1 is forbidden: exceeded quota: store-quota")]
        ),
        Case(
            cause: .quota,
            words: "exceeded quota",
            deployments: [
                #"{"metadata":{"name":"web"},"status":{"conditions":[{"type":"ReplicaFailure","status":"True","message":"pods is forbidden: exceeded quota: store-quota"}]}}"#
            ]
        ),
        Case(
            cause: .podSecurity,
            words: "restricted",
            replicaSets: [lacking],
            events: [event("FailedCreate", about: "web", "pods web-1 is forbidden: violates PodSecurity restricted:latest: runAsNonRoot")]
        ),
        Case(
            cause: .limitRange,
            words: "maximum memory",
            replicaSets: [lacking],
            events: [
                event("FailedCreate", about: "web", "pods web-1 is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi")
            ]
        ),
        Case(
            cause: .podRefused,
            words: "policy.example.com",
            replicaSets: [lacking],
            events: [event("FailedCreate", about: "web", "admission webhook policy.example.com denied the request")]
        ),
        Case(
            cause: .jobFailed,
            words: "backoff limit",
            jobs: [
                #"{"metadata":{"name":"setup"},"status":{"conditions":[{"type":"Failed","status":"True","message":"Job has reached the specified backoff limit"}]}}"#
            ]
        ),
        Case(
            cause: .evicted,
            words: "low on resource",
            pods: [pod(#"{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory"}"#)],
            deployments: [waitingDeployment]
        ),
        Case(
            cause: .progressDeadline,
            words: "no progress",
            deployments: [
                #"{"metadata":{"name":"web"},"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}}"#
            ]
        ),
        Case(
            cause: .notReady,
            words: "statuscode: 503",
            pods: [pod(#"{"phase":"Running"}"#)],
            events: [event("Unhealthy", about: "web-0", "Readiness probe failed: HTTP probe failed with statuscode: 503")]
        ),
        Case(
            cause: .namespaceTerminating,
            words: "finalizers remaining",
            namespace:
                #"{"metadata":{"name":"store-x","deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"conditions":[{"type":"NamespaceFinalizersRemaining","status":"True","message":"finalizers remaining: x"}]}}"#
        ),
    ]

    @Test("each row of the table: from what is observed to a cause, with the words that matter and an advice", arguments: cases)
    func rows(of it: Case) throws {
        let diagnosis = try #require(Diagnosis.first(in: it.view()))
        #expect(diagnosis.cause == it.cause)
        #expect(diagnosis.what.contains(it.words), "\(diagnosis.what)")
        #expect(diagnosis.advice.hasSuffix("."))
        #expect(diagnosis.text == diagnosis.what + " " + diagnosis.advice)
    }

    @Test(
        "what runs beside the store is no trouble of it: a task, the test of a release, cert-manager's solver, which has no component",
        arguments: cases.filter { ![.namespaceTerminating, .certificate].contains($0.cause) },
        ["backup", "test", nil]
    )
    func beside(_ it: Case, component: String?) throws {
        var it = it
        it.component = component
        #expect(Diagnosis.first(in: try it.view()) == nil)
    }

    @Test("an Ingress's address and certificate are no problem where an installation does without them") func ingressByChoice() throws {
        for cause in [Diagnosis.Cause.ingressUnserved, .certificate] {
            let view = try #require(Self.cases.first { $0.cause == cause }).view()
            var grace = GracePeriods()
            #expect(Diagnosis.ofIngress(in: view, grace: grace)?.cause == cause)
            grace.needsAddress = false
            grace.needsCertificate = false
            #expect(Diagnosis.ofIngress(in: view, grace: grace) == nil)
        }
    }

    @Test("a pod that is back, or unwell for a reason of its own, is on no lost node") func nodeIsBack() throws {
        let told = Self.event("NodeNotReady", about: "web-0", "Node is not ready")
        let back = Self.pod(
            #"{"phase":"Running","conditions":[{"type":"Ready","status":"True"},{"type":"ContainersReady","status":"True"}]}"#
        )
        let unwell = Self.pod(
            #"{"phase":"Running","conditions":[{"type":"Ready","status":"False"},{"type":"ContainersReady","status":"False"}]}"#
        )
        for pod in [back, unwell] {
            let view = try Case(cause: .notReady, words: "", pods: [pod], events: [told]).view()
            #expect(Diagnosis.first(in: view)?.cause != .nodeLost)
        }
    }

    @Test("every cause that the table can find has a case here") func complete() {
        let elsewhere: Set<Diagnosis.Cause> = [
            .dataLost, .storeUnserved, .timeLimit, .helmConflict, .helmForbidden, .helmChart, .helm, .cluster,
        ]
        #expect(Set(Self.cases.map(\.cause)) == Set(Diagnosis.Cause.allCases).subtracting(elsewhere))
    }

    @Test(
        "what waiting ends is no problem that fails a store",
        arguments: [
            Case(cause: .notReady, words: "", pods: [waiting("ContainerCreating")]),
            Case(cause: .notReady, words: "", pods: [waiting("CrashLoopBackOff", restarts: 1)]),
            Case(
                cause: .notReady,
                words: "",
                pods: [pod(#"{"phase":"Pending"}"#)],
                claims: [#"{"metadata":{"name":"data"},"status":{"phase":"Pending"}}"#]
            ),
            // An event that outlived its cause.
            Case(
                cause: .notReady,
                words: "",
                pods: [pod("{}")],
                replicaSets: [#"{"metadata":{"name":"web"},"spec":{"replicas":1},"status":{"replicas":1}}"#],
                events: [event("FailedCreate", about: "web", "exceeded quota")]
            ),
        ]
    )
    func grace(with it: Case) throws {
        let diagnosis = Diagnosis.first(in: try it.view())
        #expect(diagnosis?.cause == .notReady)
        #expect(GracePeriods().limit(for: .notReady) == nil)
    }

    @Test("evidence is what the cluster said, as JSON") func evidence() throws {
        let view = try #require(Self.cases.first { $0.cause == .crashLoop }).view()
        let json = try JSON(data: Data(Evidence(view, log: ["fatal: no database"]).json.utf8))
        #expect(json["pods"].items.first?["containers"].items.first?.string?.contains("CrashLoopBackOff") == true)
        #expect(json["log"].items.first?.string == "fatal: no database")
    }
}
