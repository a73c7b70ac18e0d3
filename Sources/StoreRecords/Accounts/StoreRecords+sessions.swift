import Postgres
package import StoreDomain

extension StoreRecords {
    package func openSession(_ token: TokenReference, of account: UserID, for time: Duration, by client: ClientDescription) async throws {
        _ = try await pool.query(
            """
            WITH gone AS (DELETE FROM sessions WHERE expires_at < clock_timestamp())
            INSERT INTO sessions (id, account_id, token_hash, expires_at, address, user_agent)
            VALUES (\(token.id), \(account.rawValue), \(token.secretHash), clock_timestamp() + make_interval(secs => \(time.seconds)),
                \(client.address), \(client.userAgent))
            """
        )
    }

    /// Exchanges the session's token for `next`. `grace`: for how long the one before is taken for another tab's. A session that ends because its
    /// token was used twice has its line in the audit; `address`: the caller's.
    package func refreshSession(_ token: TokenReference, next: String, for time: Duration, grace: Duration, address: String?) async throws
        -> RefreshOutcome
    {
        let row = try await one(
            """
            WITH r AS MATERIALIZED (
                SELECT * FROM refresh_session(\(token.id), \(token.secretHash), \(next), \(time.seconds), \(grace.seconds))
            ), noted AS (
                INSERT INTO audit (actor, source, action, target, address, outcome)
                SELECT (r.account).email, 'api', 'account.session-stolen', \(token.id), \(address), 'done' FROM r WHERE r.outcome = 'reused')
            SELECT r.outcome, \(Account.columns(of: "(r.account)")) FROM r
            """
        )
        switch try row["outcome"] as String {
        case "rotated": return .rotated(try Account(row: row))
        case "same": return .same(try Account(row: row))
        case "reused": return .reused(try Account(row: row))
        case "unknown": return .unknown
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "refresh_session answered \(other)")
        }
    }

    /// Ends the session that has this token, with its line in the audit. One that is over needs nothing. `address`: the caller's.
    package func endSession(_ token: TokenReference, address: String?) async throws {
        _ = try await pool.query(
            """
            WITH over AS (
                DELETE FROM sessions WHERE id = \(token.id) AND \(token.secretHash) IN (token_hash, previous_hash) RETURNING account_id)
            INSERT INTO audit (actor, source, action, target, address, outcome)
            SELECT a.email, 'api', 'account.sign-out', a.id, \(address), 'done' FROM over JOIN accounts a ON a.id = over.account_id
            """
        )
    }

    /// Seconds until the next sign-in of these subjects may be tried; `nil`: it may.
    package func signInLock(_ subjects: [String]) async throws -> Double? {
        try await pool.query(
            """
            SELECT extract(epoch FROM max(locked_until) - clock_timestamp())::float8 AS wait FROM sign_in_failures
            WHERE subject = ANY(\(subjects)) AND locked_until > clock_timestamp()
            """
        ).first.flatMap { try $0["wait"] as Double? }
    }

    /// One more failure of a subject, of which the first `free` lock nothing.
    package func failSignIn(_ subject: String, free: Int) async throws {
        _ = try await pool.query(
            """
            WITH old AS (DELETE FROM sign_in_failures WHERE last_at < clock_timestamp() - interval '1 day' AND subject <> \(subject))
            SELECT fail_sign_in(\(subject), \(free))
            """
        )
    }

    package func forgetFailures(_ subjects: [String]) async throws {
        _ = try await pool.query("DELETE FROM sign_in_failures WHERE subject = ANY(\(subjects))")
    }
}
