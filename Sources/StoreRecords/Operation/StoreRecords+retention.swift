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
        case stores
    }

    /// Removes what is too old from one table, oldest first and `limit` rows at most, in a transaction of its own. How many.
    package func prune(_ table: AgeingTable, by retention: Retention, limit: Int = 1_000) async throws -> Int {
        switch table {
        case .idempotencyKeys:
            // As long as a key counts.
            return try await removed(
                """
                DELETE FROM idempotency_keys WHERE (owner, key) IN (
                    SELECT owner, key FROM idempotency_keys WHERE created_at < clock_timestamp() - interval '24 hours'
                    ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
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
        case .audit:
            guard let age = retention.audit else { return 0 }
            return try await removed(
                """
                DELETE FROM audit WHERE id IN (
                    SELECT id FROM audit WHERE at < clock_timestamp() - seconds(\(age.seconds)) ORDER BY at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .usagePeriods:
            guard let age = retention.history else { return 0 }
            return try await removed(
                """
                DELETE FROM usage_periods WHERE id IN (
                    SELECT id FROM usage_periods WHERE ended_at < clock_timestamp() - seconds(\(age.seconds))
                    ORDER BY ended_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .rollouts:
            guard let age = retention.history else { return 0 }
            return try await removed(
                """
                DELETE FROM rollouts WHERE id IN (
                    SELECT id FROM rollouts WHERE ended_at < clock_timestamp() - seconds(\(age.seconds))
                    ORDER BY ended_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .notices:
            guard let age = retention.jobs else { return 0 }
            return try await removed(
                """
                DELETE FROM notices WHERE id IN (
                    SELECT n.id FROM notices n WHERE n.at < clock_timestamp() - seconds(\(age.seconds))
                       AND NOT EXISTS (SELECT 1 FROM deliveries d JOIN channels c ON c.id = d.channel_id
                                        WHERE d.notice_id = n.id AND d.status = 'waiting' AND c.state = 'active')
                    ORDER BY n.at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .channels:
            return try await removed(
                """
                DELETE FROM channels WHERE id IN (
                    SELECT c.id FROM channels c
                    WHERE c.type = 'email' AND c.confirmed_at IS NULL AND c.created_at < clock_timestamp() - interval '7 days'
                      AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = 'channel.confirm' AND n.subject = 'channel:' || c.id
                                         AND n.at > clock_timestamp() - interval '7 days')
                    ORDER BY c.created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .stoppedMailboxes:
            return try await removed(
                """
                DELETE FROM stopped_mailboxes WHERE mailbox IN (
                    SELECT mailbox FROM stopped_mailboxes WHERE at < clock_timestamp() - interval '7 days'
                    ORDER BY at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .keptCertificates:
            return try await removed(
                """
                DELETE FROM kept_certificates WHERE host IN (
                    SELECT host FROM kept_certificates WHERE valid_until < clock_timestamp() ORDER BY valid_until LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .letters:
            return try await removed(
                """
                DELETE FROM letters WHERE id IN (
                    SELECT id FROM letters WHERE ends_at < clock_timestamp() ORDER BY next_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .passwordResets:
            return try await removed(
                """
                DELETE FROM password_resets WHERE account_id IN (
                    SELECT account_id FROM password_resets WHERE expires_at < clock_timestamp()
                    ORDER BY expires_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .formerMembers:
            // As long as an event stream may have been away.
            return try await removed(
                """
                DELETE FROM store_members WHERE (store_id, member) IN (
                    SELECT store_id, member FROM store_members WHERE removed_at < clock_timestamp() - interval '7 days'
                    ORDER BY removed_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
        case .storeInvitations:
            return try await removed(
                """
                DELETE FROM store_invitations WHERE id IN (
                    SELECT id FROM store_invitations WHERE expires_at < clock_timestamp()
                    ORDER BY expires_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
                """
            )
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
