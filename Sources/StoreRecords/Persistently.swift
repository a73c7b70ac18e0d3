import Postgres

/// Asks again where an answer was lost, after pauses that a restart of a connection takes. What was carried out unheard is done twice, so it is to be
/// something that may be.
package func persistently<Value>(_ body: () async throws -> Value) async throws -> Value {
    for pause in [Duration.milliseconds(50), .milliseconds(500), .seconds(1)] {
        do { return try await body() } catch let error as PostgresError where error.isAnswerLost {
            try await Task.sleep(for: pause)
        }
    }
    return try await body()
}
