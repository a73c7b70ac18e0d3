/// A value in Redis that this version did not write; Redis's own errors are `RedisError`.
package struct QueueError: Error, Sendable, CustomStringConvertible {
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { "queue: " + message }
}
