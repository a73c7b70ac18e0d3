import Postgres
import StoreDomain

/// For how long what is over is kept. `nil`: for ever.
package struct Retention: Sendable, Equatable {
    /// Jobs that are final, and their history, since they ended, and notices. Each living store keeps its newest job that is no backup.
    package var jobs: Duration?
    /// Changes of stores' status and health, what stores were allotted, rollouts that are over, and stores that were deleted. Each living store keeps its latest change.
    package var history: Duration?
    /// What operators and accounts did; 90 days at least, which PostgreSQL sees to.
    package var audit: Duration?

    package init(jobs: Duration? = .days(30), history: Duration? = .days(400), audit: Duration? = .days(400)) {
        self.jobs = jobs
        self.history = history
        self.audit = audit
    }
}

extension Duration {
    package static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

extension StoreRecords {
    /// Tables from which rows go by their age.
    package enum AgeingTable: String, CaseIterable, Sendable {
        case idempotencyKeys = "idempotency_keys"
        case jobs
        case storeHistory = "store_history"
        case healthHistory = "health_history"
        case audit
        case usagePeriods = "usage_periods"
        case rollouts
        /// With their deliveries.
        case notices
        /// Of e-mail, which nobody confirmed.
        case channels
        /// Of which it was said that they want nothing.
        case stoppedMailboxes = "stopped_mailboxes"
        /// Of hosts whose stores are gone, which have ended.
        case keptCertificates = "kept_certificates"
        /// What they say is over.
        case letters
        case passwordResets = "password_resets"
        /// Members who are none any more.
        case formerMembers = "store_members"
        /// Invitations to stores that nobody accepted.
        case storeInvitations = "store_invitations"
        /// What stores used and how they answered: a year of it.
        case storeDays = "store_days"
        /// What became of jobs by the hour: a week of it.
        case queueHours = "queue_hours"
        case stores
    }

    /// Removes what is too old from one table, oldest first and `limit` rows at most, in a transaction of its own. How many.
    package func prune(_ table: AgeingTable, by retention: Retention, limit: Int = 1_000) async throws -> Int {
        /// Rows that meet the condition, but those that somebody else holds.
        func remove(by key: SQL, where condition: SQL, oldest: SQL) async throws -> Int {
            let name = SQL(unsafe: table.rawValue)
            return try await removed(
                """
                DELETE FROM \(name) WHERE (\(key)) IN (
                    SELECT \(key) FROM \(name) WHERE \(condition) ORDER BY \(oldest) LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        }
        /// The same of rows that are older than `age` by a column; none where they are kept for ever.
        func remove(by key: SQL = "id", olderThan age: Duration?, in column: SQL) async throws -> Int {
            guard let age else { return 0 }
            return try await remove(by: key, where: "\(column) < clock_timestamp() - seconds(\(age.seconds))", oldest: column)
        }
        switch table {
        // As long as a key counts.
        case .idempotencyKeys: return try await remove(by: "owner, key", olderThan: .seconds(86_400), in: "created_at")
        case .jobs:
            guard let age = retention.jobs else { return 0 }
            return try await removed(
                """
                DELETE FROM jobs WHERE id IN (
                    SELECT j.id FROM jobs j JOIN stores s ON s.id = j.store_id
                    WHERE j.finished_at < clock_timestamp() - seconds(\(age.seconds))
                      AND (s.deleted_at IS NOT NULL OR j.id <> (
                          SELECT n.id FROM jobs n WHERE n.store_id = s.id AND n.kind <> 'backup' ORDER BY n.id DESC LIMIT 1))
                    ORDER BY j.finished_at LIMIT \(limit) FOR UPDATE OF j SKIP LOCKED)
                """
            )
        case .storeHistory, .healthHistory:
            guard let age = retention.history else { return 0 }
            let name = SQL(unsafe: table.rawValue)
            return try await removed(
                """
                DELETE FROM \(name) WHERE id IN (
                    SELECT h.id FROM \(name) h JOIN stores s ON s.id = h.store_id
                    WHERE h.at < clock_timestamp() - seconds(\(age.seconds))
                      AND (s.deleted_at IS NOT NULL OR h.id <> (SELECT n.id FROM \(name) n WHERE n.store_id = s.id ORDER BY n.id DESC LIMIT 1))
                    ORDER BY h.at LIMIT \(limit) FOR UPDATE OF h SKIP LOCKED)
                """
            )
        case .audit: return try await remove(olderThan: retention.audit, in: "at")
        case .usagePeriods: return try await remove(olderThan: retention.history, in: "ended_at")
        case .rollouts: return try await remove(olderThan: retention.history, in: "ended_at")
        case .notices:
            guard let age = retention.jobs else { return 0 }
            return try await remove(
                by: "id",
                where: """
                    at < clock_timestamp() - seconds(\(age.seconds))
                    AND NOT EXISTS (SELECT 1 FROM deliveries d JOIN channels c ON c.id = d.channel_id
                                     WHERE d.notice_id = notices.id AND d.status = 'waiting' AND c.state = 'active')
                    """,
                oldest: "at"
            )
        case .channels:
            return try await remove(
                by: "id",
                where: """
                    type = 'email' AND confirmed_at IS NULL AND created_at < clock_timestamp() - interval '7 days'
                    AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = 'channel.confirm' AND n.subject = 'channel:' || channels.id
                                       AND n.at > clock_timestamp() - interval '7 days')
                    """,
                oldest: "created_at"
            )
        case .stoppedMailboxes: return try await remove(by: "mailbox", olderThan: .days(7), in: "at")
        case .keptCertificates: return try await remove(by: "host", olderThan: .zero, in: "valid_until")
        case .letters: return try await remove(olderThan: .zero, in: "ends_at")
        case .passwordResets: return try await remove(by: "account_id", olderThan: .zero, in: "expires_at")
        // As long as an event stream may have been away.
        case .formerMembers: return try await remove(by: "store_id, member", olderThan: .days(7), in: "removed_at")
        case .storeInvitations: return try await remove(olderThan: .zero, in: "expires_at")
        case .storeDays: return try await remove(by: "store_id, day", olderThan: .days(366), in: "day")
        case .queueHours: return try await remove(by: "hour", olderThan: .days(7), in: "hour")
        case .stores:
            guard let age = retention.history else { return 0 }
            let rows = try await pool.query("SELECT purge_stores(clock_timestamp() - seconds(\(age.seconds)), \(limit)) AS count")
            return try rows.first?["count"] ?? 0
        }
    }

    private func removed(_ deletion: SQL) async throws -> Int {
        let rows = try await pool.query("WITH gone AS (\(deletion) RETURNING 1) SELECT count(*) AS count FROM gone", deadline: .seconds(30))
        return try rows.first?["count"] ?? 0
    }
}
