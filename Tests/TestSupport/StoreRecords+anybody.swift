package import StoreDomain
package import StoreRecords

/// Requests of somebody who does not matter to a test.
extension StoreRecords {
    private static let anybody = Operator(name: "anybody", source: .api)

    package func create(_ request: NewStore, limits: StoreLimits) async throws -> CreateOutcome {
        try await create(request, limits: limits, by: Self.anybody)
    }

    package func retry(_ id: StoreID, takeOver: Bool = false, visibleTo: UserID?, traceparent: String?) async throws -> RetryOutcome {
        try await retry(id, takeOver: takeOver, visibleTo: visibleTo, traceparent: traceparent, by: Self.anybody)
    }

    package func delete(_ id: StoreID, visibleTo: UserID?, traceparent: String?) async throws -> DeleteOutcome {
        try await delete(id, visibleTo: visibleTo, traceparent: traceparent, by: Self.anybody)
    }
}
