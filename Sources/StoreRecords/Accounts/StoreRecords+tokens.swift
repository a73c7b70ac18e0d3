package import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// How many tokens a user may have at once.
    package static let mostAPITokens = 50

    /// `nil`: the user has as many as one may have.
    package func createAPIToken(
        _ token: TokenReference,
        of user: UserID,
        role: Role,
        name: String,
        scopes: Set<APIScope>,
        until: Date
    ) async throws -> APIToken? {
        try await pool.query(
            """
            INSERT INTO api_tokens AS t (id, secret_hash, user_id, role, name, scopes, expires_at)
            SELECT \(token.id), \(token.secretHash), \(user.rawValue), \(role.rawValue), \(name),
                   \(scopes.map(\.rawValue).sorted().joined(separator: " ")), to_timestamp(\(until.timeIntervalSince1970))
            WHERE (SELECT count(*) FROM api_tokens WHERE user_id = \(user.rawValue) AND revoked_at IS NULL AND expires_at > clock_timestamp())
                < \(Self.mostAPITokens)
            RETURNING \(APIToken.columns)
            """
        ).first.map { try APIToken(row: $0) }
    }

    /// Those that still count, the newest first.
    package func apiTokens(of user: UserID) async throws -> [APIToken] {
        try await pool.query(
            """
            SELECT \(APIToken.columns) FROM api_tokens t
            WHERE t.user_id = \(user.rawValue) AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() ORDER BY t.created_at DESC, t.id
            """
        ).map { try APIToken(row: $0) }
    }

    /// The token with its secret's hash and its account's role today, where it has an account; `nil` when it is unknown, revoked, over,
    /// or of an account that is disabled.
    package func apiToken(_ id: String) async throws -> (token: APIToken, secretHash: String, accountRole: Role?)? {
        try await pool.query(
            """
            WITH used AS (
                UPDATE api_tokens SET last_used_at = date_trunc('minute', clock_timestamp())
                 WHERE id = \(id) AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute'))
            SELECT \(APIToken.columns), t.secret_hash, a.role AS account_role FROM api_tokens t LEFT JOIN accounts a ON a.id = t.user_id
            WHERE t.id = \(id) AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND a.disabled_at IS NULL
            """
        ).first.map { row in (try APIToken(row: row), try row["secret_hash"], try row.known("account_role")) }
    }

    /// Writes it down in the same statement. False: the user has no such token.
    package func revokeAPIToken(_ id: String, of user: UserID, by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH revoked AS (
                UPDATE api_tokens SET revoked_at = clock_timestamp() WHERE id = \(id) AND user_id = \(user.rawValue) AND revoked_at IS NULL
                RETURNING id)
            \(Self.line(of: actor, "token.revoke", target: "id")) FROM revoked RETURNING 1
            """
        ).isEmpty
    }
}
