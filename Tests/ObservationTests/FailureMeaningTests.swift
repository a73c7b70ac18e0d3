import Cluster
import Observation
import Testing

/// The texts are such as Helm 3.19 and 4.3 and API servers of 1.30 to 1.36 give.
@Suite struct FailureMeaningTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let meaning: FailureMeaning?
        let cause: Diagnosis.Cause
        var testDescription: String { "\(meaning.map { "\($0)" } ?? "nothing known"): \(text.prefix(60))" }
    }

    private static let cases: [Case] = [
        Case(
            text: """
                Error: UPGRADE FAILED: conflict occurred while applying object store-a/wordpress apps/v1, Kind=Deployment: Apply failed with 1 conflict: \
                conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="wordpress"].resources.limits.memory
                """,
            meaning: .fieldConflict,
            cause: .helmConflict
        ),
        Case(
            text: """
                Error: INSTALLATION FAILED: Unable to continue with install: Secret "mysql-secret" in namespace "store-a" exists and cannot be imported \
                into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"
                """,
            meaning: .foreignObject,
            cause: .helmConflict
        ),
        Case(
            text: "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
            meaning: .operationInProgress,
            cause: .helmConflict
        ),
        Case(
            text: """
                Error: UPGRADE FAILED: cannot patch "wordpress-data" with kind PersistentVolumeClaim: persistentvolumeclaims "wordpress-data" is forbidden: \
                only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize
                """,
            meaning: .volumeNotResizable,
            cause: .helmChart
        ),
        Case(
            text: """
                Error: UPGRADE FAILED: cannot patch "data" with kind PersistentVolumeClaim: PersistentVolumeClaim "data" is invalid: \
                spec.resources.requests.storage: Forbidden: field can not be less than status.capacity
                """,
            meaning: .volumeNotResizable,
            cause: .helmChart
        ),
        Case(
            text: """
                Error: UPGRADE FAILED: cannot patch "mysql" with kind StatefulSet: StatefulSet.apps "mysql" is invalid: spec: Forbidden: updates to \
                statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and \
                'minReadySeconds' are forbidden
                """,
            meaning: .immutable,
            cause: .helmChart
        ),
        Case(
            text: """
                Error: UPGRADE FAILED: cannot patch "wordpress" with kind Deployment: Deployment.apps "wordpress" is invalid: spec.selector: Invalid value: \
                {"matchLabels":{"app":"b"}}: field is immutable
                """,
            meaning: .immutable,
            cause: .helmChart
        ),
        Case(
            text: """
                Error: INSTALLATION FAILED: 1 error occurred: * pods "wordpress" is forbidden: exceeded quota: store-quota, requested: limits.cpu=1, \
                used: limits.cpu=4, limited: limits.cpu=4
                """,
            meaning: .quota,
            cause: .quota
        ),
        Case(
            text: """
                Error: INSTALLATION FAILED: pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \
                (container "a" must set securityContext.allowPrivilegeEscalation=false)
                """,
            meaning: .podSecurity,
            cause: .podSecurity
        ),
        Case(
            text: "pods \"a\" is forbidden: maximum memory usage per Container is 512Mi, but limit is 1Gi",
            meaning: .limitRange,
            cause: .limitRange
        ),
        Case(
            text:
                "Error: INSTALLATION FAILED: admission webhook \"validate.kyverno.svc-fail\" denied the request: policy Deployment/store-a/wordpress: no latest",
            meaning: .admission,
            cause: .podRefused
        ),
        Case(
            text: """
                Error: INSTALLATION FAILED: failed to create resource: Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": \
                failed to call webhook: Post "https://ingress.svc:443/": dial tcp 10.43.0.9:443: connect: connection refused
                """,
            meaning: .unavailable,
            cause: .helm
        ),
        Case(
            text: """
                Error: query: failed to query with labels: secrets is forbidden: User "system:serviceaccount:weaver:weaver-worker" cannot list resource \
                "secrets" in API group "" in the namespace "store-a"
                """,
            meaning: .forbidden,
            cause: .helmForbidden
        ),
        Case(
            text: """
                Error: unable to build kubernetes objects from release manifest: error validating "": error validating data: failed to download openapi: \
                an error on the server ("<html><body><h1>502 Bad Gateway</h1></body></html>") has prevented the request from succeeding
                """,
            meaning: .unavailable,
            cause: .helm
        ),
        Case(
            text: "Error: Kubernetes cluster unreachable: the server has asked for the client to provide credentials",
            meaning: .forbidden,
            cause: .helmForbidden
        ),
        Case(
            text: """
                Error: INSTALLATION FAILED: secrets "sh.helm.release.v1.a.v1" is forbidden: unable to create new content in namespace store-a because it is \
                being terminated
                """,
            meaning: .terminating,
            cause: .helm
        ),
        Case(
            text:
                "Error: UPGRADE FAILED: the server has received too many requests and has asked us to try again later (get deployments.apps wordpress)",
            meaning: .rateLimited,
            cause: .cluster
        ),
        Case(
            text: """
                failed to pull and unpack image "docker.io/library/mysql:8.4": failed to copy: httpReadSeeker: failed open: unexpected status code \
                https://registry-1.docker.io/v2/library/mysql/manifests/8.4: 429 Too Many Requests - Server message: toomanyrequests: You have reached \
                your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit
                """,
            meaning: .rateLimited,
            cause: .cluster
        ),
        Case(
            text:
                "Error: UPGRADE FAILED: Put \"https://10.43.0.1:443/api/v1/namespaces/store-a/services/mysql\": net/http: TLS handshake timeout",
            meaning: .unavailable,
            cause: .helm
        ),
        Case(
            text: "Error: UPGRADE FAILED: release a failed, and has been rolled back due to atomic being set: unexpected EOF",
            meaning: .unavailable,
            cause: .helm
        ),
        Case(
            text:
                "Error: values don't meet the specifications of the schema(s) in the following chart(s): store: - at '/x': missing property",
            meaning: .chart,
            cause: .helmChart
        ),
        Case(
            text:
                "Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: resource mapping not found for name: \"x\" namespace: \"\" from \"\": no matches for kind \"NetworkPolicy\" in version \"v9\"",
            meaning: .chart,
            cause: .helmChart
        ),
        Case(text: "Error: chart geofence has no templates", meaning: nil, cause: .helm),
    ]

    @Test("each text has its meaning, a cause and, where somebody can do something, an advice", arguments: cases)
    func meanings(it: Case) {
        let error = ClusterError(code: .helm(1), message: it.text)
        #expect(error.meaning == it.meaning)
        #expect(error.isTransient == (it.meaning?.passes ?? false))
        let diagnosis = Diagnosis(error)
        #expect(diagnosis.cause == it.cause)
        #expect(diagnosis.what.contains("Helm says: \(it.text.prefix(500))"))
        #expect(!diagnosis.advice.isEmpty)
    }

    @Test("no meaning is left without a text") func complete() {
        #expect(Set(Self.cases.compactMap(\.meaning).map { "\($0)" }) == Set(FailureMeaning.allCases.map { "\($0)" }))
    }

    @Test("a conflict names each field and whose it is") func conflicts() {
        let text = """
            Apply failed with 3 conflicts: conflicts with "kubectl-set" using apps/v1: - .spec.replicas - .spec.template.spec.containers[name="a"].image \
            conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas
            """
        #expect(
            FieldConflict.all(in: text) == [
                FieldConflict(manager: "kubectl-set", fields: [".spec.replicas", #".spec.template.spec.containers[name="a"].image"#]),
                FieldConflict(manager: "hpa", fields: [".spec.replicas"]),
            ]
        )
        let diagnosis = Diagnosis(ClusterError(code: .helm(1), message: text))
        #expect(diagnosis.what.hasPrefix("kubectl-set has set .spec.replicas, "))
    }

    @Test("the API server's own refusals mean the same as in Helm's mouth") func status() {
        let error = ClusterError(
            code: .status(403),
            message: "secrets \"a\" is forbidden: exceeded quota: store-quota, requested: secrets=1"
        )
        #expect(Diagnosis(error).cause == .quota)
        #expect(Diagnosis(error).what.hasPrefix("Kubernetes says: "))
    }
}
