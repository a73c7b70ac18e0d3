import Foundation
import Postgres
package import StoreDomain

package enum CreateRolloutOutcome: Sendable {
    case created(Rollout)
    /// No worker has this version of the engine's chart.
    case noVersion
    /// Another rollout of the engine.
    case unfinished(RolloutID)
    /// Every store of the engine has the version, or a newer one.
    case noStores
    /// No store of the engine that is older and was ready once.
    case noCanary(StoreID)
}

/// What an operator does to a rollout.
package enum RolloutAction: String, Sendable, CaseIterable {
    /// No store begins; what runs goes on.
    case pause
    /// Also after a halt: what went wrong until then does not halt it again.
    case resume
    /// What waits is skipped; what runs goes on.
    case cancel
    /// What failed or was kept waits again.
    case retry
}

package enum OperateRolloutOutcome: Sendable {
    case accepted(Rollout)
    /// It is in no state for that.
    case unfit(Rollout)
    /// Nothing of it failed or was kept.
    case nothingFailed(Rollout)
    /// It is done, and another rollout of the engine is not.
    case unfinished
    case notFound
}

/// Which stores of a rollout.
package struct RolloutMemberQuery: Sendable, Equatable {
    /// Empty: any.
    package var states: [RolloutMemberState]
    /// Only those behind this place.
    package var after: Int
    package var limit: Int

    package init(states: [RolloutMemberState] = [], after: Int = 0, limit: Int = 100) {
        self.states = states
        self.after = after
        self.limit = limit
    }
}

/// What operators ask for.
extension StoreRecords {
    /// Draws the rollout's stores: one transaction, with its line in the audit.
    package func createRollout(_ order: RolloutOrder, by actor: Operator) async throws -> CreateRolloutOutcome {
        let id = RolloutID.random()
        let waves = String(decoding: try JSONEncoder().encode(order.waves), as: UTF8.self)
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.other FROM create_rollout(
                    \(id.rawValue), \(order.engine.rawValue), \(order.version.rawValue), \(waves)::jsonb, \(order.canaries.map(\.rawValue))::text[],
                    \(order.batch), \(order.maxFailures), \(order.soakSeconds), \(order.respectsWindows), \(order.isUrgent),
                    \(order.sleeping.rawValue), \(order.reason), \(actor.name)) r
                """,
                by: actor,
                "rollout.create",
                target: "\(id.rawValue)::text",
                detail: order.summary,
                accepted: ["created"]
            )
        )
        let outcome: String = try row["outcome"]
        let other: String? = try row["other"]
        switch outcome {
        case "created":
            guard let rollout = try await rollout(id) else { break }
            return .created(rollout)
        case "no_version": return .noVersion
        case "no_stores": return .noStores
        case "unfinished":
            guard let id = other.flatMap({ RolloutID($0) }) else { break }
            return .unfinished(id)
        case "no_canary":
            guard let store = other.flatMap({ StoreID($0) }) else { break }
            return .noCanary(store)
        default: break
        }
        throw StoreRecordsError(code: .unreadableRow, message: "create_rollout answered \(outcome)")
    }

    package func operate(_ id: RolloutID, _ action: RolloutAction, by actor: Operator) async throws -> OperateRolloutOutcome {
        let row = try await one(
            Self.audited(
                "SELECT r.outcome FROM operate_rollout(\(id.rawValue), \(action.rawValue)) r",
                by: actor,
                "rollout.\(action.rawValue)",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            )
        )
        let outcome: String = try row["outcome"]
        if outcome == "unfinished" { return .unfinished }
        guard outcome != "not_found", let rollout = try await rollout(id) else { return .notFound }
        switch outcome {
        case "accepted": return .accepted(rollout)
        case "unfit": return .unfit(rollout)
        case "none": return .nothingFailed(rollout)
        default: throw StoreRecordsError(code: .unreadableRow, message: "operate_rollout answered \(outcome)")
        }
    }

    package func rollout(_ id: RolloutID) async throws -> Rollout? {
        try await rollouts("SELECT \(Rollout.columns) FROM rollouts WHERE id = \(id.rawValue)").first
    }

    /// Newest first.
    package func rollouts(limit: Int = 100) async throws -> [Rollout] {
        try await rollouts("SELECT \(Rollout.columns) FROM rollouts ORDER BY created_at DESC, id LIMIT \(limit)")
    }

    /// In their order. `nil`: there is no such rollout.
    package func members(of id: RolloutID, _ query: RolloutMemberQuery = RolloutMemberQuery()) async throws -> [RolloutMember]? {
        guard try await !pool.query("SELECT 1 FROM rollouts WHERE id = \(id.rawValue)").isEmpty else { return nil }
        return try await pool.query(
            """
            SELECT m.store_id AS id, s.name, s.namespace, m.place, m.wave, m.state, m.reason, m.from_version, m.job_id, m.began_at, m.applied_at, m.ended_at
              FROM rollout_stores m JOIN stores s ON s.id = m.store_id
             WHERE m.rollout_id = \(id.rawValue) AND m.place > \(query.after)
               AND (\(query.states.isEmpty) OR m.state = ANY(\(query.states.map(\.rawValue))::text[]))
             ORDER BY m.place LIMIT \(query.limit)
            """
        ).map { try RolloutMember(row: $0) }
    }

    private func rollouts(_ statement: SQL) async throws -> [Rollout] {
        var found = try await pool.query(statement).map { try Rollout(row: $0) }
        guard !found.isEmpty else { return [] }
        let rows = try await pool.query(
            """
            SELECT rollout_id, wave, state, count(*) AS count FROM rollout_stores WHERE rollout_id = ANY(\(found.map(\.id.rawValue))::text[])
             GROUP BY rollout_id, wave, state ORDER BY wave
            """
        )
        for row in rows {
            let (id, wave, state): (RolloutID, Int, RolloutMemberState) = (try row["rollout_id"], try row["wave"], try row["state"])
            guard let place = found.firstIndex(where: { $0.id == id }) else { continue }
            if found[place].waves.last?.wave != wave { found[place].waves.append(RolloutNumbers(wave: wave, numbers: [:])) }
            found[place].waves[found[place].waves.count - 1].numbers[state] = try row["count"]
        }
        return found
    }
}

extension RolloutOrder {
    /// For the audit.
    fileprivate var summary: String {
        let words = [
            "\(engine.rawValue) \(version), waves \(waves), batch \(batch), at most \(maxFailures) failures, soak \(soakSeconds) s",
            canaries.isEmpty ? nil : "\(canaries.count) canaries",
            isUrgent ? "urgent: over pins and windows" : respectsWindows ? nil : "at any hour",
            sleeping == .skip ? "sleeping stores are skipped" : nil, reason,
        ]
        return words.compactMap(\.self).joined(separator: ", ")
    }
}
