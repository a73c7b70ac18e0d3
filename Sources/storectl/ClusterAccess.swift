import Cluster
import Configuration
import Foundation
import Program

/// The cluster, for the length of one command, as KUBECONFIG or the pod's service account lets it be seen.
enum ClusterAccess {
    static func run<Value>(_ settings: ConfigReader, _ body: (KubernetesClient) async throws -> Value) async throws -> Value {
        let environment = ProcessInfo.processInfo.environment
        let kubernetes = try KubernetesClient(
            configuration: try .find(path: settings.text("kubeconfig"), environment: environment)
        )
        do {
            let value = try await body(kubernetes)
            try await kubernetes.close()
            return value
        } catch {
            try? await kubernetes.close()
            throw error
        }
    }
}
