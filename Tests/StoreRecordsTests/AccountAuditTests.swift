import Postgres
import StoreDomain
import StoreRecords
import Testing
import TestSupport

@Suite struct AccountAuditTests {
    private typealias Change = @Sendable (StoreRecords, UserID) async throws -> Void

    /// Each change of an account, with its line: action, target (`nil`: the account) and detail.
    private static let changes: [(action: String, target: String?, detail: String?, change: Change)] = [
        (
            "account.create", "eve@example.org", "operator",
            { records, _ in
                _ = try await records.createAccount(EmailAddress("eve@example.org")!, passwordHash: "h", role: .operator, by: tester)
            }
        ),
        ("account.role", nil, "admin", { records, id in _ = try await records.setRole(of: id, to: .admin, by: tester) }),
        ("account.disable", nil, nil, { records, id in _ = try await records.setDisabled(id, true, by: tester) }),
        ("account.enable", nil, nil, { records, id in _ = try await records.setDisabled(id, false, by: tester) }),
        ("account.reset-password", nil, nil, { records, id in _ = try await records.setPassword(of: id, hash: "new", by: tester) }),
        (
            "account.password", nil, nil,
            { records, id in
                _ = try await records.setPassword(of: id, hash: "own", keeping: "s1", by: tester)
            }
        ),
        (
            "account.quota", nil, "7 stores, default units",
            { records, id in
                try await records.setQuotas([.stores: 7, .units: nil], of: .user(id), told: "7 stores, default units", by: tester)
            }
        ),
        (
            "account.quota", "role user", "9 units",
            { records, _ in
                try await records.setQuotas([.units: 9], of: .role(.user), told: "9 units", by: tester)
            }
        ),
        (
            "account.invite", "0123456789abcdef", "whoever has it as user",
            { records, _ in
                let token = TokenReference(id: "0123456789abcdef", secretHash: String(repeating: "a", count: 64))
                try await records.invite(token, email: nil, role: .user, by: tester, for: .seconds(60))
            }
        ),
        ("account.map-owner", nil, "bob", { records, id in _ = try await records.mapOwner(UserID("bob")!, to: id, by: tester) }),
    ]

    private func ada(_ records: StoreRecords) async throws -> UserID {
        let email = try #require(EmailAddress("ada@example.org"))
        return try #require(try await records.createAccount(email, passwordHash: "h", role: .user, by: tester)).id
    }

    /// All that these changes change.
    private func contents(_ pool: PostgresPool) async throws -> [String] {
        let row = try await pool.query(
            """
            SELECT (SELECT string_agg(a::text, ';' ORDER BY a.id) FROM accounts a) AS accounts,
                   (SELECT string_agg(q::text, ';' ORDER BY q.user_id) FROM user_quotas q) AS users,
                   (SELECT string_agg(q::text, ';' ORDER BY q.role) FROM role_quotas q) AS roles,
                   (SELECT string_agg(i.id, ';' ORDER BY i.id) FROM invitations i) AS invitations,
                   (SELECT string_agg(s.owner, ';' ORDER BY s.id) FROM stores s) AS owners
            """
        ).first
        let known = try #require(row)
        return try ["accounts", "users", "roles", "invitations", "owners"].map { try known[$0] as String? ?? "" }
    }

    @Test("a change of an account has its line in the audit") func lines() async throws {
        try await withRecords { (records, _) async throws in
            let id = try await ada(records)
            for (action, target, detail, change) in Self.changes {
                try await change(records, id)
                let line = try #require(try await records.auditEntries(AuditQuery(limit: 1)).first)
                #expect(line.action == action && line.target == target ?? id.rawValue && line.detail == detail && line.outcome == .done)
                #expect(line.actor == tester.name && line.source == tester.source.rawValue)
            }
        }
    }

    @Test("a change of an account that cannot be written down does not happen") func unwritten() async throws {
        try await withRecords { (records, pool) async throws in
            let id = try await ada(records)
            _ = try await records.accepted("Acme", owner: "bob")
            let before = try await contents(pool)
            try await pool.query("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (false) NOT VALID")
            for (action, _, _, change) in Self.changes {
                await #expect(throws: PostgresError.self, "\(action)") { try await change(records, id) }
            }
            #expect(try await contents(pool) == before)
        }
    }

    @Test("of quotas only those that are named change") func quotas() async throws {
        try await withRecords { (records, _) async throws in
            let id = try await ada(records)
            func quotas() async throws -> [Int?] {
                let ada = try #require(try await records.accounts().first)
                return [ada.quota, ada.unitQuota]
            }
            try await records.setQuotas([.stores: 7, .units: 3], of: .user(id), told: "", by: tester)
            #expect(try await quotas() == [7, 3])
            try await records.setQuotas([.stores: nil], of: .user(id), told: "", by: tester)
            #expect(try await quotas() == [nil, 3])
            try await records.setQuotas([.units: 5], of: .user(id), told: "", by: tester)
            #expect(try await quotas() == [nil, 5])
        }
    }
}
