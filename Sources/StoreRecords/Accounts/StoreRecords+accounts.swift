import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// `invitation` nil: none is needed. An account that is made has its line in the audit.
    package func signUp(_ email: EmailAddress, passwordHash: String, invitation: TokenReference?, by actor: Operator) async throws
        -> SignUpOutcome
    {
        let row = try await one(
            """
            WITH r AS MATERIALIZED (
                SELECT * FROM sign_up(\(Self.newAccountID()), \(email.rawValue), \(passwordHash), \(invitation?.id), \(invitation?.secretHash))
            ), noted AS (
                INSERT INTO audit (actor, source, action, target, address, outcome)
                SELECT \(actor.name), \(actor.source.rawValue), 'account.sign-up', (r.account).id, \(actor.address), 'done'
                FROM r WHERE r.outcome = 'created')
            SELECT r.outcome, \(Account.columns(of: "(r.account)")) FROM r
            """
        )
        switch try row["outcome"] as String {
        case "created": return .created(try Account(row: row))
        case "email_taken": return .emailTaken
        case "invitation_invalid": return .invitationInvalid
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "sign_up answered \(other)")
        }
    }

    /// An account by an operator's hand; `nil` when the address has one.
    package func createAccount(_ email: EmailAddress, passwordHash: String, role: Role) async throws -> Account? {
        try await pool.query(
            """
            INSERT INTO accounts AS a (id, email, password_hash, role)
            VALUES (\(Self.newAccountID()), \(email.rawValue), \(passwordHash), \(role.rawValue))
            ON CONFLICT ((lower(email))) DO NOTHING RETURNING \(Account.columns(of: "a"))
            """
        ).first.map { try Account(row: $0) }
    }

    /// The account with its password's hash; `nil` for an address that has none.
    package func account(_ email: EmailAddress) async throws -> (account: Account, passwordHash: String)? {
        try await pool.query(
            "SELECT \(Account.columns(of: "a")), a.password_hash FROM accounts a WHERE lower(a.email) = lower(\(email.rawValue))"
        ).first.map { (try Account(row: $0), try $0["password_hash"]) }
    }

    package func account(_ id: UserID) async throws -> (account: Account, passwordHash: String)? {
        try await pool.query("SELECT \(Account.columns(of: "a")), a.password_hash FROM accounts a WHERE a.id = \(id.rawValue)")
            .first.map { (try Account(row: $0), try $0["password_hash"]) }
    }

    /// Of an owner of stores; user where no account is kept of them.
    package func role(of owner: UserID) async throws -> Role { try await account(owner)?.account.role ?? .user }

    /// Every account, the oldest first; `email`: those whose address contains it.
    package func accounts(containing email: String? = nil) async throws -> [AccountSummary] {
        try await pool.query(
            """
            SELECT \(Account.columns(of: "a")), coalesce(u.used, 0) AS used, q.stores AS quota,
                   (coalesce(u.weight, 0) + 1) / 2 AS units, q.units AS unit_quota
            FROM accounts a
            LEFT JOIN store_usage u ON u.scope = 'user:' || a.id LEFT JOIN user_quotas q ON q.user_id = a.id
            WHERE \(email)::text IS NULL OR position(lower(\(email)) IN lower(a.email)) > 0 ORDER BY a.created_at, a.id
            """
        ).map {
            AccountSummary(
                account: try Account(row: $0),
                used: try $0["used"],
                quota: try $0["quota"],
                units: try $0["units"],
                unitQuota: try $0["unit_quota"]
            )
        }
    }

    /// A new password ends every session but `keeping`, and revokes no token for scripts. False: no such account.
    package func setPassword(of id: UserID, hash: String, keeping session: String? = nil) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue) AND id IS DISTINCT FROM \(session)::text)
            UPDATE accounts SET password_hash = \(hash) WHERE id = \(id.rawValue) RETURNING 1
            """
        ).isEmpty
    }

    /// The same password, hashed anew with today's parameters. Ends nothing.
    package func rehashPassword(of id: UserID, from old: String, to hash: String) async throws {
        _ = try await pool.query("UPDATE accounts SET password_hash = \(hash) WHERE id = \(id.rawValue) AND password_hash = \(old)")
    }

    /// Ends every session, too: what was signed before is believed for at most the minutes that an access token lives.
    package func setRole(of id: UserID, to role: Role) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue))
            UPDATE accounts SET role = \(role.rawValue) WHERE id = \(id.rawValue) RETURNING 1
            """
        ).isEmpty
    }

    /// Disabled, an account can neither sign in nor use its tokens; its stores go on.
    package func setDisabled(_ id: UserID, _ isDisabled: Bool) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue) AND \(isDisabled))
            UPDATE accounts SET disabled_at = CASE WHEN \(isDisabled) THEN coalesce(disabled_at, clock_timestamp()) END
             WHERE id = \(id.rawValue) RETURNING 1
            """
        ).isEmpty
    }

    /// All that `owner` has becomes the account's. How many stores were moved.
    package func mapOwner(_ owner: UserID, to account: UserID) async throws -> Int {
        try await one("SELECT map_owner(\(owner.rawValue), \(account.rawValue)) AS moved")["moved"]
    }

    /// A quota of one user, or of all users of one role; `nil`: none of its own any more.
    package func setQuota(_ quota: Quota, ofUser user: UserID, to number: Int?) async throws {
        let column = SQL(unsafe: quota.rawValue)
        _ = try await pool.query(
            """
            INSERT INTO user_quotas (user_id, \(column)) VALUES (\(user.rawValue), \(number))
            ON CONFLICT (user_id) DO UPDATE SET \(column) = excluded.\(column)
            """
        )
    }

    package func setQuota(_ quota: Quota, ofRole role: Role, to number: Int?) async throws {
        let column = SQL(unsafe: quota.rawValue)
        _ = try await pool.query(
            """
            INSERT INTO role_quotas (role, \(column)) VALUES (\(role.rawValue), \(number))
            ON CONFLICT (role) DO UPDATE SET \(column) = excluded.\(column)
            """
        )
    }

    package func invite(_ invitation: TokenReference, email: EmailAddress?, role: Role, by actor: String, for time: Duration) async throws {
        _ = try await pool.query(
            """
            INSERT INTO invitations (id, secret_hash, email, role, invited_by, expires_at)
            VALUES (\(invitation.id), \(invitation.secretHash), \(email?.rawValue), \(role.rawValue), \(actor),
                clock_timestamp() + make_interval(secs => \(time.seconds)))
            """
        )
    }

    private static func newAccountID() -> String {
        let digits = (0..<15).map { _ in String(UInt8.random(in: 0...15), radix: 16) }
        return "u" + digits.joined()
    }
}
