import Cluster

/// Looks again whenever one of the watched collections changes, and every two seconds for what no watch tells (a passing deadline).
struct NamespaceChanges: Sendable {
    let kubernetes: KubernetesClient
    /// Collections, with or without a query.
    let paths: [String]

    /// Calls `look` until it answers something.
    func follow<Value: Sendable>(_ look: () async throws -> Value?) async throws -> Value {
        let (changes, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for path in paths {
                group.addTask {
                    while !Task.isCancelled {
                        // A watch that ends is opened again; the ticks bridge the gap.
                        do { try await kubernetes.watch(path) { wakeup.yield() } } catch {}
                        try await Task.sleep(for: .milliseconds(500))
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    wakeup.yield()
                    try await Task.sleep(for: .seconds(2))
                }
            }
            defer { group.cancelAll() }
            for await _ in changes {
                try Task.checkCancellation()
                if let value = try await look() { return value }
                // Changes come in swarms; one look is enough for all of them.
                try await Task.sleep(for: .milliseconds(100))
            }
            throw CancellationError()
        }
    }
}
