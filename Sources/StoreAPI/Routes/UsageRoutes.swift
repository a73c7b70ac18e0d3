import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import Program
import StoreDomain
import StoreRecords

/// What stores were allotted, by month: for bills and comparisons.
struct UsageRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) { table.on(.get, "/api/usage", for: .readStores, query: UsageRequest.parameters, usage) }

    @Sendable private func usage(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try UsageRequest.query(context.query, owner: try context.listed(), now: Date())
        let rows = try await records.usage(query)
        let wantsSheet = AcceptHeader(request.headers[.accept]).prefers("text/csv", to: "application/json")
        var response = wantsSheet ? Self.csv(rows) : Self.json(rows, query)
        response.headers[.vary] = "Accept"
        return response
    }

    private static func json(_ rows: [MonthlyUsage], _ query: UsageQuery) -> Response {
        .json(capacity: 300 * (rows.count + 1)) { json in
            json.field("from", query.from)
            json.field("to", query.to)
            json.array("usage", rows) { json, row in
                json.object { json in
                    json.field("month", row.month)
                    json.field("owner", row.owner?.inOneLine)
                    json.field("store", row.store?.rawValue)
                    json.field("slug", row.slug)
                    json.object("awakeHours") { $0.hours(row.awakeHours) }
                    json.object("asleepHours") { $0.hours(row.asleepHours) }
                    json.field("volumeGiBHours", json: "\(row.volumeGiBHours)")
                    json.field("backupGiBHours", json: "\(row.backupGiBHours)")
                }
            }
        }
    }

    private static func csv(_ rows: [MonthlyUsage]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/csv; charset=utf-8; header=present", .contentDisposition: "attachment; filename=\"usage.csv\""],
            body: .init(byteBuffer: ByteBuffer(string: UsageSheet.text(rows)))
        )
    }
}

extension JSONWriter {
    fileprivate mutating func hours(_ hours: [StorePlan: Decimal]) {
        field("small", json: "\(hours[.small] ?? 0)")
        field("medium", json: "\(hours[.medium] ?? 0)")
        field("large", json: "\(hours[.large] ?? 0)")
    }
}
