/// What went wrong between us and Kubernetes or Helm.
package struct ClusterError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// Kubernetes answered with this HTTP status.
        case status(Int)
        /// Kubernetes could not be reached, or did not answer in time.
        case unreachable
        /// The caller's task was cancelled while it waited; nobody knows whether the request had its effect.
        case cancelled
        /// An object of that name is there, and it is somebody else's.
        case foreign
        /// The answer was not what it should be.
        case unreadable
        /// There was more of it than anybody reads.
        case tooLarge
        /// Helm ended with this exit status.
        case helm(Int32)
        /// Helm or its guard could not be started.
        case notStarted
        /// A kubeconfig that cannot be used.
        case configuration
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// The same again may well succeed: the cluster is busy, flapping or away.
    package var isTransient: Bool {
        switch code {
        case .unreachable, .cancelled: return true
        case .status(let status): return status == 408 || status == 409 || status == 429 || status >= 500
        // A signal ended it: the guard's, or the system's for want of memory.
        case .helm(let status) where status > 128: return true
        case .helm:
            let text = message.lowercased()
            return Self.transientWords.contains { text.contains($0) }
        case .foreign, .unreadable, .tooLarge, .notStarted, .configuration: return false
        }
    }

    /// knowledge of Helm's texts (v3.19, v4.3), since it has one exit status for everything.
    private static let transientWords = [
        "another operation", "connection refused", "connection reset", "i/o timeout", "tls handshake timeout", "too many requests",
        "etcdserver", "the server is currently unable", "internal error occurred", "failed calling webhook", "eof", "service unavailable",
        "unable to create new content", "context deadline exceeded", "client rate limiter", "object has been modified",
        "cluster unreachable",
        "has been cancelled", "signal", "internalerror", "an error on the server", "the object provided is unrecognized",
    ]
}
