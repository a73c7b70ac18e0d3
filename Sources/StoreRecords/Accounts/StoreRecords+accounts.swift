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
            ), noted AS (\(Self.line(of: actor, "account.sign-up", target: "(r.account).id")) FROM r WHERE r.outcome = 'created')
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

    /// An account by an operator's hand; `nil` when the address has one, which the audit has, too.
    package func createAccount(_ email: EmailAddress, passwordHash: String, role: Role, by actor: Operator) async throws -> Account? {
        try await pool.query(
            """
            WITH made AS (
                INSERT INTO accounts AS a (id, email, password_hash, role)
                VALUES (\(Self.newAccountID()), \(email.rawValue), \(passwordHash), \(role.rawValue))
                ON CONFLICT ((lower(email))) DO NOTHING RETURNING \(Account.columns(of: "a"))),
            noted AS (\(Self.line(of: actor, "account.create", target: "\(email.rawValue)", detail: "\(role.rawValue)")))
            SELECT * FROM made
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

    /// A new password ends every session but `keeping`, in which somebody changes their own, and revokes no token for scripts. `nil`: an operator
    /// resets it. False: no such account.
    package func setPassword(of id: UserID, hash: String, keeping session: String? = nil, by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue) AND id IS DISTINCT FROM \(session)::text),
            changed AS (UPDATE accounts SET password_hash = \(hash) WHERE id = \(id.rawValue) RETURNING id)
            \(Self.line(of: actor, session == nil ? "account.reset-password" : "account.password", target: "id")) FROM changed RETURNING 1
            """
        ).isEmpty
    }

    /// The same password, hashed anew with today's parameters. Ends nothing.
    package func rehashPassword(of id: UserID, from old: String, to hash: String) async throws {
        _ = try await pool.query("UPDATE accounts SET password_hash = \(hash) WHERE id = \(id.rawValue) AND password_hash = \(old)")
    }

    /// Ends every session, too: what was signed before is believed for at most the minutes that an access token lives.
    package func setRole(of id: UserID, to role: Role, by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue)),
            changed AS (UPDATE accounts SET role = \(role.rawValue) WHERE id = \(id.rawValue) RETURNING id, role)
            \(Self.line(of: actor, "account.role", target: "id", detail: "role")) FROM changed RETURNING 1
            """
        ).isEmpty
    }

    /// Disabled, an account can neither sign in nor use its tokens; its stores go on.
    package func setDisabled(_ id: UserID, _ isDisabled: Bool, by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM sessions WHERE account_id = \(id.rawValue) AND \(isDisabled)),
            changed AS (
                UPDATE accounts SET disabled_at = CASE WHEN \(isDisabled) THEN coalesce(disabled_at, clock_timestamp()) END
                 WHERE id = \(id.rawValue) RETURNING id)
            \(Self.line(of: actor, isDisabled ? "account.disable" : "account.enable", target: "id")) FROM changed RETURNING 1
            """
        ).isEmpty
    }

    /// All that `owner` has becomes the account's. How many stores were moved.
    package func mapOwner(_ owner: UserID, to account: UserID, by actor: Operator) async throws -> Int {
        try await one(
            """
            WITH r AS MATERIALIZED (SELECT map_owner(\(owner.rawValue), \(account.rawValue)) AS moved),
            noted AS (\(Self.line(of: actor, "account.map-owner", target: "\(account.rawValue)", detail: "\(owner.rawValue)")) FROM r)
            SELECT moved FROM r
            """
        )["moved"]
    }

    /// Quotas of one user, or of all users of one role; `nil`: none of its own any more. `told`: as the audit has them.
    package func setQuotas(_ quotas: [Quota: Int?], of holder: QuotaHolder, told: String, by actor: Operator) async throws {
        let (stores, units) = (quotas[.stores], quotas[.units])
        let (table, column, key): (SQL, SQL, String) =
            switch holder {
            case .user(let user): ("user_quotas", "user_id", user.rawValue)
            case .role(let role): ("role_quotas", "role", role.rawValue)
            }
        _ = try await pool.query(
            """
            WITH changed AS (
                INSERT INTO \(table) AS q (\(column), stores, units) VALUES (\(key), \(stores ?? nil), \(units ?? nil))
                ON CONFLICT (\(column)) DO UPDATE SET stores = CASE WHEN \(stores != nil) THEN excluded.stores ELSE q.stores END,
                    units = CASE WHEN \(units != nil) THEN excluded.units ELSE q.units END RETURNING 1)
            \(Self.line(of: actor, "account.quota", target: "\(holder.description)", detail: "\(told)")) FROM changed
            """
        )
    }

    package func invite(_ invitation: TokenReference, email: EmailAddress?, role: Role, by actor: Operator, for time: Duration) async throws
    {
        let told = "\(email?.rawValue ?? "whoever has it") as \(role.rawValue)"
        _ = try await pool.query(
            """
            WITH made AS (
                INSERT INTO invitations (id, secret_hash, email, role, invited_by, expires_at)
                VALUES (\(invitation.id), \(invitation.secretHash), \(email?.rawValue), \(role.rawValue), \(actor.name),
                    clock_timestamp() + make_interval(secs => \(time.seconds))) RETURNING id)
            \(Self.line(of: actor, "account.invite", target: "id", detail: "\(told)")) FROM made
            """
        )
    }

    private static func newAccountID() -> String { "u" + RandomToken.make().prefix(15) }
}
