import Foundation
package import StoreDomain

/// What containers wrote.
extension KubernetesClient {
    /// The last lines, at most `tail`, of which the API server sends `bytes` at most. `previous`: those of the run before this one.
    package func log(
        of container: PodContainer,
        in namespace: StoreNamespace,
        tail: Int,
        previous: Bool = false,
        atMost bytes: Int
    ) async throws(ClusterError) -> String {
        let path = Self.log(of: container, in: namespace, tail) + "&limitBytes=\(bytes)" + (previous ? "&previous=true" : "")
        let answer = try await text(path, atMost: 2 * bytes)
        guard answer.status == 200 else {
            let message = (try? JSON(data: Data(answer.body.utf8)))?["message"].string
            throw ClusterError(code: .status(answer.status), message: message ?? "There is no log.")
        }
        return answer.body
    }

    /// The last `tail` lines and then each one that comes, until the container ends, the time is over or the task is cancelled. Of a line come
    /// 8 KiB at most.
    package func followLog(
        of container: PodContainer,
        in namespace: StoreNamespace,
        tail: Int,
        for limit: Duration,
        onLine: (String) async throws -> Void
    ) async throws {
        try await follow(Self.log(of: container, in: namespace, tail) + "&follow=true", limit: limit, onLine: onLine)
    }

    private static func log(of container: PodContainer, in namespace: StoreNamespace, _ tail: Int) -> String {
        "/api/v1/namespaces/\(namespace)/pods/\(container.pod)/log?container=\(container.container)&tailLines=\(tail)"
    }
}
