import Cluster
import StoreDomain

/// The worker's own rights in the store's namespace, where it grants them to itself.
extension StoreAttempt {
    /// How long a new binding may take to be known to the API server's authorizer: milliseconds as a rule.
    private static let grantLimit = Duration.seconds(10)
    /// How long after that another API server may still refuse.
    private static let spread = Duration.seconds(30)

    /// Asks by the right that everything begins with.
    func isAccessible() async throws -> Bool {
        guard settings.access != nil else { return true }
        let review = try await kubernetes.create(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            [
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": ["resourceAttributes": ["namespace": .string(namespace), "verb": "create", "resource": "secrets"]],
            ],
            under: lease
        )
        return review["status"]["allowed"].bool == true
    }

    /// A refusal by an API server that has not heard of the new binding: soon it will have.
    func isTooEarly(_ error: ClusterError) -> Bool {
        guard let grantedAt, ContinuousClock.now < grantedAt + Self.spread else { return false }
        return error.isForbidden
    }

    /// Returns once the rights are there. Throws `.status(403)` when they do not come: the binding is another's, or the role has too little.
    mutating func grantAccess() async throws {
        guard let access = settings.access else { return }
        let binding = access.binding(labels: StoreSecrets.labels(of: store), attempt: lease.fence.description)
        let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(namespace)/rolebindings"
        try await toleratingConflict { _ = try await kubernetes.create(path, binding, under: lease) }
        let end = ContinuousClock.now + Self.grantLimit
        while try await !isAccessible() {
            guard ContinuousClock.now < end else {
                throw ClusterError(
                    code: .status(403),
                    message: """
                        The worker has no rights in namespace \(namespace), though the RoleBinding \(NamespaceAccess.bindingName) is there. \
                        Check that it binds the ClusterRole \(access.clusterRole) to the worker's service account, then retry.
                        """
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        grantedAt = .now
    }
}

extension ClusterError {
    /// In Helm's words, too.
    fileprivate var isForbidden: Bool {
        code == .status(403) || meaning == .forbidden
    }
}
