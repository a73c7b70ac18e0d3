import Postgres
import StoreDomain

extension WaitingReason {
    /// Jobs that could be taken, by `class`, `turn` and `id`: the classes go one after the other, and in each of them users take turns. A queue longer
    /// than 5,000 is not counted to its end.
    static let line: SQL = """
        SELECT q.id, q.class, row_number() OVER (PARTITION BY q.class, q.owner ORDER BY q.id) AS turn
        FROM (SELECT * FROM jobs WHERE state = 'queued' AND run_after <= clock_timestamp() ORDER BY id LIMIT 5000) q
        """

    /// For SELECT lists: `paused`, `later`, `busy` and `workers`. `job`: the alias of a row of jobs.
    static func columns(of job: StaticString) -> SQL {
        SQL(
            unsafe: """
                (SELECT reason FROM queue_control WHERE paused_at IS NOT NULL) AS paused, \(job).run_after > clock_timestamp() AS later,
                EXISTS (SELECT 1 FROM namespace_leases l WHERE l.namespace = \(job).namespace AND l.expires_at > clock_timestamp()) AS busy,
                EXISTS (SELECT 1 FROM worker_reports r WHERE is_alive(r)) AS workers
                """
        )
    }

    /// Of a row with `columns`, `run_after` and `ahead`.
    init(row: PostgresRow, endedInTheLastHour ended: Int) throws {
        if let reason: String = try row["paused"] {
            self = .paused(reason: reason)
        } else if try row["later"] {
            self = .retryAt(try row["run_after"])
        } else if try row["busy"] {
            self = .namespaceBusy
        } else if try !row["workers"] {
            self = .noWorker
        } else {
            let ahead: Int = try row["ahead"]
            self = ahead > 0 ? .queue(ahead: ahead, seconds: ended > 0 ? ahead * 3_600 / ended : nil) : .slot
        }
    }
}
