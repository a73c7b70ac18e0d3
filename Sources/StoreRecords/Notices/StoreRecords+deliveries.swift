import Postgres
package import StoreDomain

/// A delivery that a courier has taken: what to send, and where.
package struct TakenDelivery: Sendable, Equatable {
    /// The notice's.
    package let id: String
    package let channel: ChannelID
    package let attempt: Int
    package let sealed: SealedText
    /// JSON, the same at each attempt.
    package let payload: String

    init(row: PostgresRow) throws {
        id = try row["notice_id"]
        channel = try row["channel_id"]
        attempt = try row["attempt"]
        sealed = SealedText(key: try row["key_id"], text: try row["sealed"])
        payload = try row["payload"]
    }
}

/// How an attempt at a delivery ended.
package enum DeliveryResult: Sendable, Equatable {
    /// The answer was 200 to 299.
    case delivered(code: Int)
    /// `code`: the answer's status, if one came. `error`: for people, without what is not theirs to know.
    case failed(code: Int?, error: String)
}

/// What became of a delivery by an attempt; the words of `settle_delivery`.
package enum DeliveryOutcome: String, Sendable, CaseIterable {
    case delivered, retried, failed
    /// It failed, and its channel with it.
    case paused
    /// Another attempt came after it, or its channel is gone: nothing was written.
    case stale
}

extension StoreRecords {
    /// Makes deliveries of the notices that are due. How many notices were looked at.
    package func tellNotices(limit: Int = 100) async throws -> Int {
        try await pool.query("SELECT tell_notices(\(limit)) AS count").first?["count"] ?? 0
    }

    /// Deliveries that are due, one of each channel. Each has to be settled within a minute; then it is taken to be lost and given to another.
    package func takeDeliveries(limit: Int) async throws -> [TakenDelivery] {
        try await pool.query("SELECT notice_id, channel_id, attempt, key_id, sealed, payload FROM take_deliveries(\(limit))").map {
            try TakenDelivery(row: $0)
        }
    }

    package func settle(_ delivery: TakenDelivery, as result: DeliveryResult) async throws -> DeliveryOutcome {
        let (code, error): (Int?, String?) =
            switch result {
            case .delivered(let code): (code, nil)
            case .failed(let code, let error): (code, error)
            }
        return try await one(
            """
            SELECT outcome FROM settle_delivery(\(delivery.id), \(delivery.channel.rawValue), \(delivery.attempt)::integer, \(code)::integer, \(error))
            """
        )["outcome"]
    }
}
