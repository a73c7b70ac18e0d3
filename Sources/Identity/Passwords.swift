import Foundation
import Synchronization

/// Checks and hashes passwords beside Swift's own threads, few at a time: each takes 32 MiB and a core for a while.
package final class Passwords: Sendable {
    /// Characters.
    package static let length = 6...200

    /// More than so many wait for their turn.
    package struct Busy: Error, Sendable {}

    private static let mostWaiting = 40

    private let queue: OperationQueue
    private let waiting = Mutex(0)
    /// What an address without an account is checked against, so that it takes as long as one that has one.
    private let nobody: PasswordHash

    package init(atOnce: Int = 2) throws {
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = atOnce
        nobody = try PasswordHash(of: UUID().uuidString)
    }

    package func hash(_ password: String) async throws -> String {
        try await run { try PasswordHash(of: password).text }
    }

    /// `hash` nil: there is no account; it takes as long, and the answer is no. `renewed`: a hash to keep instead of an outdated one.
    package func check(_ password: String, against hash: String?) async throws -> (matches: Bool, renewed: String?) {
        try await run { [nobody] in
            guard let known = hash.flatMap({ PasswordHash(text: $0) }) else {
                _ = try nobody.matches(password)
                return (false, nil)
            }
            guard try known.matches(password) else { return (false, nil) }
            return (true, known.isCurrent ? nil : try PasswordHash(of: password).text)
        }
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let hasRoom = waiting.withLock { waiting in
            waiting += 1
            return waiting <= Self.mostWaiting
        }
        defer { waiting.withLock { $0 -= 1 } }
        guard hasRoom else { throw Busy() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result(catching: work)) }
        }
    }
}
