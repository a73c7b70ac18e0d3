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
        // What cannot be read was cut, or is a proxy's: the API server and Helm answer in JSON.
        case .unreachable, .unreadable, .cancelled: return true
        case .status(let status): return status == 408 || status == 409 || status == 429 || status >= 500
        // A signal ended it: the guard's, or the system's for want of memory.
        case .helm(let status) where status > 128: return true
        case .helm: return meaning?.passes == true
        case .foreign, .tooLarge, .notStarted, .configuration: return false
        }
    }

    /// What Helm or the API server means by its text; `nil` for other errors, and for words that nobody knows.
    package var meaning: FailureMeaning? {
        switch code {
        case .helm, .status: FailureMeaning(message)
        case .unreachable, .cancelled, .foreign, .unreadable, .tooLarge, .notStarted, .configuration: nil
        }
    }
}
