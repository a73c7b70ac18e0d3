package import Foundation
import Postgres

/// What became of the queue's jobs in one hour.
package struct QueueHour: Sendable, Equatable {
    /// Its beginning.
    package let at: Date
    package let succeeded: Int
    package let failed: Int
    package let cancelled: Int
    /// At once, at the moments when somebody looked.
    package let mostQueued: Int
    package let mostRunning: Int
}

extension StoreRecords {
    /// Counts this hour and the one before anew. What was counted before and is no more, as jobs that were purged, stays counted.
    package func countQueueHours() async throws {
        _ = try await pool.query(
            """
            INSERT INTO queue_hours AS h (hour, succeeded, failed, cancelled, most_queued, most_running)
            SELECT o.hour, count(*) FILTER (WHERE j.state = 'succeeded'), count(*) FILTER (WHERE j.state = 'failed'),
                   count(*) FILTER (WHERE j.state = 'cancelled'), l.queued * o.is_this, l.running * o.is_this
              FROM (VALUES (date_trunc('hour', now()), 1),
                           (date_trunc('hour', now()) - interval '1 hour', 0)) AS o (hour, is_this)
             CROSS JOIN (SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running
                           FROM jobs WHERE state IN ('queued', 'running')) l
              LEFT JOIN jobs j ON j.finished_at >= o.hour AND j.finished_at < o.hour + interval '1 hour'
             GROUP BY o.hour, o.is_this, l.queued, l.running
            ON CONFLICT (hour) DO UPDATE SET
                succeeded = greatest(h.succeeded, excluded.succeeded), failed = greatest(h.failed, excluded.failed),
                cancelled = greatest(h.cancelled, excluded.cancelled), most_queued = greatest(h.most_queued, excluded.most_queued),
                most_running = greatest(h.most_running, excluded.most_running)
            """
        )
    }

    /// Of the last seven days, oldest first. An hour in which no worker looked is not there.
    package func queueHours() async throws -> [QueueHour] {
        try await pool.query(
            """
            SELECT hour, succeeded, failed, cancelled, most_queued, most_running FROM queue_hours
             WHERE hour > clock_timestamp() - interval '7 days' ORDER BY hour
            """
        ).map {
            QueueHour(
                at: try $0["hour"],
                succeeded: try $0["succeeded"],
                failed: try $0["failed"],
                cancelled: try $0["cancelled"],
                mostQueued: try $0["most_queued"],
                mostRunning: try $0["most_running"]
            )
        }
    }
}
