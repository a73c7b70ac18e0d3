import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import StoreDomain
import StoreRecords

/// Who did what, when, from where, with what outcome.
struct AuditRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/admin/audit", for: .administer, query: ListAuditRequest.parameters, list)
        table.on(.get, "/api/admin/audit/export", for: .administer, query: ListAuditRequest.parameters, export)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try ListAuditRequest.query(context.query)
        let entries = try await records.auditEntries(query)
        return .json(capacity: 300 * (entries.count + 1)) { json in
            json.array("entries", entries) { json, entry in json.object { $0.fields(of: entry) } }
            if entries.count == query.limit, let last = entries.last { json.field("nextBefore", Int(last.id)) }
        }
    }

    /// Every entry that the query has, newest first, one JSON object a line; read and sent piece by piece.
    @Sendable private func export(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = try ListAuditRequest.query(context.query)
        query.limit = 500
        let first = try await records.auditEntries(query)
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson", .contentDisposition: "attachment; filename=\"audit.ndjson\""],
            body: ResponseBody { [query, records] writer in
                var (query, entries) = (query, first)
                while let last = entries.last {
                    var lines = ByteBuffer()
                    for entry in entries {
                        var json = JSONWriter(capacity: 300)
                        json.object { $0.fields(of: entry) }
                        lines.writeImmutableBuffer(json.buffer)
                        lines.writeInteger(UInt8(ascii: "\n"))
                    }
                    try await writer.write(lines)
                    if entries.count < query.limit { break }
                    query.before = last.id
                    entries = try await records.auditEntries(query)
                }
                try await writer.finish(nil)
            }
        )
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of entry: AuditEntry) {
        field("id", Int(entry.id))
        field("at", entry.at)
        // Entries of before may hold what moves the text around it, in a terminal or a table.
        field("actor", entry.actor.inOneLine)
        field("source", entry.source)
        field("action", entry.action)
        field("target", entry.target?.inOneLine)
        field("detail", entry.detail?.inOneLine)
        field("address", entry.address)
        field("outcome", entry.outcome.rawValue)
    }
}
