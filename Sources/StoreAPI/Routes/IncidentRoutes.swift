import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Logging
import StoreDomain
import StoreRecords

/// What operators show to everybody who is signed in.
struct IncidentRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/incident", for: .identify, read)
        table.on(.put, "/api/admin/incident", for: .operate, set)
        table.on(.delete, "/api/admin/incident", for: .operate, end)
    }

    @Sendable private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        Self.answer(try await records.incident())
    }

    @Sendable private func set(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await JSONBody(request, "text", "level", "endsAt")
        guard let text = try body.text("text").flatMap(Incident.line) else {
            throw APIError.wrong("text", "text must have 1 to 500 characters, none of them control characters")
        }
        guard let level = Incident.Level(rawValue: try body.text("level") ?? "warning") else {
            throw APIError.wrong("level", #"level must be "info" or "warning""#)
        }
        let end = try Self.end(body, now: Date())
        let incident = try await records.setIncident(text, level: level, until: end, by: context.operator)
        context.logger.notice("An incident is shown", metadata: ["operator": "\(context.operator.name)", "text": "\(text)"])
        return Self.answer(incident)
    }

    @Sendable private func end(_ request: Request, _ context: APIContext) async throws -> Response {
        let wasShown = try await records.endIncident(by: context.operator)
        if wasShown { context.logger.notice("The incident is not shown any more", metadata: ["operator": "\(context.operator.name)"]) }
        return .json { $0.field("message", wasShown ? "The incident is not shown any more" : "No incident was shown") }
    }

    private static func end(_ body: JSONBody, now: Date) throws -> Date? {
        guard let text = try body.text("endsAt") else { return nil }
        guard let end = try? Date(text, strategy: .iso8601), end > now, end < now.addingTimeInterval(366 * 86_400) else {
            throw APIError.wrong("endsAt", "endsAt must be a time within the next year, e.g. 2026-12-24T06:00:00Z")
        }
        return end
    }

    private static func answer(_ incident: Incident?) -> Response {
        .json { json in
            guard let incident else { return }
            json.object("incident") {
                $0.field("level", incident.level.rawValue)
                $0.field("text", incident.text)
                $0.field("since", incident.since)
                $0.field("endsAt", incident.endsAt)
            }
        }
    }
}
