import Foundation
import Postgres
package import StoreDomain

/// What an attempt writes while it works. Each write is one statement that PostgreSQL refuses once the lease is lost.
extension StoreRecords {
    /// The step is done; a failure recorded for it is forgotten. Completing it again changes nothing.
    package func complete(_ step: ProvisioningStep, under claim: Claim) async throws {
        let column = SQL(unsafe: step.completionColumn)
        try await fenced(
            claim,
            """
            UPDATE stores SET \(column) = coalesce(\(column), clock_timestamp()),
                failed_step = nullif(failed_step, \(step.rawValue)),
                failed_step_error = CASE failed_step WHEN \(step.rawValue) THEN NULL ELSE failed_step_error END,
                fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND \(held(claim)) RETURNING 1
            """
        )
    }

    package func fail(_ step: ProvisioningStep, error: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            UPDATE stores SET failed_step = \(step.rawValue), failed_step_error = \(error), fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND \(held(claim)) RETURNING 1
            """
        )
    }

    package func append(_ event: StoreEvent, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            INSERT INTO store_events (store_id, at, kind, message, job_id)
            SELECT \(claim.store.id.rawValue), \(event.timestamp), \(event.kind.rawValue), \(String(event.message.prefix(2_000))),
                   \(claim.ticket.id.rawValue)
            WHERE \(held(claim)) RETURNING 1
            """
        )
    }

    /// Replaces what was seen before, and the counters that lists show.
    package func save(_ snapshot: NamespaceSnapshot, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            WITH body AS (
                INSERT INTO store_snapshots AS n (store_id, taken_at, fence, body)
                SELECT \(claim.store.id.rawValue), \(snapshot.takenAt), \(claim.fence.number), \(try snapshot.json())::jsonb WHERE \(held(claim))
                ON CONFLICT (store_id) DO UPDATE SET taken_at = excluded.taken_at, fence = excluded.fence, body = excluded.body
                    WHERE n.fence <= excluded.fence
                RETURNING 1)
            UPDATE stores SET replicas = \(snapshot.replicas), pods_running = \(snapshot.podsRunning),
                pod_restarts = \(snapshot.podRestarts), engine_version = coalesce(\(snapshot.engineVersion), engine_version),
                fence = \(claim.fence.number)
            WHERE id = \(claim.store.id.rawValue) AND EXISTS (SELECT 1 FROM body) RETURNING 1
            """
        )
    }

    private func held(_ claim: Claim) -> SQL {
        "holds_lease(\(claim.ticket.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID))"
    }

    private func fenced(_ claim: Claim, _ sql: SQL) async throws {
        guard try await pool.query(sql).isEmpty else { return }
        throw LeaseLost(reason: "PostgreSQL refused a write of job \(claim.ticket.id) under fence \(claim.fence)")
    }
}
