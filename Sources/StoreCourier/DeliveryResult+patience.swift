import StoreRecords

extension DeliveryResult {
    /// What an attempt came to; where it takes longer than `patience` it is ended, and `late` is what it came to.
    static func of(within patience: Duration, late: DeliveryResult, _ attempt: @Sendable @escaping () async -> DeliveryResult) async
        -> DeliveryResult
    {
        await withTaskGroup(of: DeliveryResult.self) { group in
            group.addTask { await attempt() }
            group.addTask {
                // Cut short only with the whole, and then what it says is as good as another answer.
                try? await Task.sleep(for: patience)
                return late
            }
            defer { group.cancelAll() }
            return await group.next() ?? late
        }
    }
}
