/// A connection outside the pool, for commands that block. It is made when it is first needed and again when it broke.
package actor DedicatedConnection {
    private let configuration: RedisConfiguration
    private var connection: RedisConnection?

    init(configuration: RedisConfiguration) { self.configuration = configuration }

    /// One command at a time. Throws an error reply; after a cancellation or the deadline the next command gets a new connection.
    @discardableResult
    package func command(_ arguments: [String], deadline: Duration) async throws(RedisError) -> RedisValue {
        let limit = ContinuousClock.now + deadline
        let connection = try await open()
        return try await connection.command(arguments, deadline: limit - .now)
    }

    package func close() async {
        let closing = connection
        connection = nil
        await closing?.close()
    }

    private func open() async throws(RedisError) -> RedisConnection {
        if let connection, connection.isReusable { return connection }
        await close()
        let opened = try await RedisConnection.open(configuration)
        connection = opened
        return opened
    }
}
