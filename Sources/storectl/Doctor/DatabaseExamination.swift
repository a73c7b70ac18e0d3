import Foundation
import StoreRecords

/// The database: there, migrated, and its clock.
struct DatabaseExamination {
    let records: StoreRecords

    /// `isUsable`: whether other checks may ask it.
    func findings() async -> (findings: [Finding], isUsable: Bool) {
        do { try await records.refuseTransactionPooling() } catch {
            let pooled = Finding.error("database", "\(error)", remedy: "docs/settings.md, at DATABASE_URL, has what a pooler must do.")
            return ([pooled] + ["migrations", "database-clock"].map { .skipped($0, because: "a pooler") }, false)
        }
        do {
            try await records.ping()
            try await records.checkRoom()
        } catch {
            let problem = (error as? any DatabaseError)?.problem.map { $0 + ": " } ?? ""
            let lost = Finding.error(
                "database",
                "\(problem)\(error)",
                remedy: (error as? any DatabaseError)?.isShortage == true
                    ? "PostgreSQL's log has more: look at its disk (df) and its memory. Nothing is lost meanwhile; what waits is tried again."
                    : "Is PostgreSQL running, and is DATABASE_URL right? Try: psql \"$DATABASE_URL\" -c 'SELECT 1'"
            )
            return ([lost] + ["migrations", "database-clock"].map { .skipped($0, because: "no database") }, false)
        }
        let migrations = await migrations()
        let clock: Finding
        do {
            clock = try await Clock.finding("database-clock", "PostgreSQL") { try await records.clock() }
        } catch {
            clock = .error("database-clock", "\(error)", remedy: "Look at PostgreSQL's log.")
        }
        return ([.fine("database", "it answers and takes writes"), migrations, clock], migrations.grade == .fine)
    }

    private func migrations() async -> Finding {
        do {
            let pending = try await records.pendingSchemaFiles()
            if pending.isEmpty { return .fine("migrations", "all are applied") }
            return .error(
                "migrations",
                "not applied: \(pending.joined(separator: ", "))",
                remedy: "storectl migrate; the API and the workers wait for it."
            )
        } catch let error as any DatabaseError where error.isOfSchema {
            return .error("migrations", "\(error)", remedy: "docs/operations.md#upgrade says which databases a program takes.")
        } catch {
            return .error("migrations", "\(error)", remedy: "The user of DATABASE_URL must own the schema.")
        }
    }
}

/// Clocks of servers against this machine's.
enum Clock {
    /// Leases are judged by PostgreSQL's clock alone; delays of jobs pass from PostgreSQL's clock to Redis's.
    static func finding(_ check: String, _ server: String, read: () async throws -> Date?) async rethrows -> Finding {
        let before = Date()
        guard let there = try await read() else { return .error(check, "\(server) does not tell its time", remedy: "Look at its log.") }
        let after = Date()
        let skew = there < before ? before.timeIntervalSince(there) : max(0, there.timeIntervalSince(after))
        let text = "\(server)'s clock is \(String(format: "%.1f", skew)) s from this machine's"
        if skew < 2 { return .fine(check, text) }
        return .error(check, text, remedy: "Let every machine keep its time by NTP: timedatectl, chronyc tracking.")
    }
}
