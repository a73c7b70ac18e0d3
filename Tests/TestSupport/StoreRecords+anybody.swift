package import StoreDomain
package import StoreRecords

/// Requests of somebody who does not matter to a test.
extension StoreRecords {
    private static let anybody = Operator(name: "anybody", source: .api)

    package func create(_ request: NewStore, limits: StoreLimits) async throws -> CreateOutcome {
        try await create(request, limits: limits, by: Self.anybody)
    }

    package func retry(_ id: StoreID, takeOver: Bool = false, visibleTo: StoreAccess?, traceparent: String?) async throws -> RetryOutcome {
        try await retry(id, takeOver: takeOver, visibleTo: visibleTo, traceparent: traceparent, by: Self.anybody)
    }

    package func delete(_ id: StoreID, visibleTo: StoreAccess?, traceparent: String?) async throws -> DeleteOutcome {
        try await delete(id, visibleTo: visibleTo, traceparent: traceparent, by: Self.anybody)
    }
}

/// A user who asks for a store, as one of its viewers at least. Fails for what is no user's name.
package func access(_ user: String, _ least: StoreRole = .viewer) -> StoreAccess {
    guard let user = UserID(user) else { fatalError("\(user) is no user's name") }
    return StoreAccess(user, least)
}
