import Foundation
import HTTPTypes
import Hummingbird
import StoreDomain
import StoreRecords

/// The body and the condition of `PATCH /api/stores/:id`, parsed once.
struct ChangeStoreRequest {
    let change: StoreChange
    /// What the store's generation has to be; `nil`: whatever it is.
    let generation: Int64?

    init(_ request: Request) async throws {
        generation = try Self.generation(request.headers[values: .ifMatch])
        let body = try await JSONBody(request, "name", "plan", "storage", "version", "asleep", "awakeSchedule")
        let storage = try body.object("storage", "database", "uploads")
        change = StoreChange(
            name: try body.text("name").map { try CreateStoreRequest.name($0) },
            plan: try body.plan(),
            version: try Self.version(try body.text("version")),
            database: try storage?.size("database"),
            uploads: try storage?.size("uploads"),
            isAsleep: try body.flag("asleep"),
            schedule: try body.schedule()
        )
        guard change != StoreChange() else {
            throw APIError(
                .badRequest,
                "Nothing to change: give at least one of name, plan, storage, version, asleep, awakeSchedule",
                code: "required"
            )
        }
    }

    /// A generation as an entity tag, also without its quotes; `*` is any.
    private static func generation(_ headers: [String]) throws -> Int64? {
        guard !headers.isEmpty else { return nil }
        guard headers.count == 1, var text = headers.first else {
            throw APIError(.badRequest, "If-Match is given twice", code: "given-twice", field: "If-Match")
        }
        if text == "*" { return nil }
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        guard let generation = Int64(text), generation > 0, String(generation) == text else {
            throw APIError.wrong("If-Match", "If-Match must be the store's generation, e.g. \"3\", or *")
        }
        return generation
    }

    private static func version(_ text: String?) throws -> ChartVersion? {
        guard let text else { return nil }
        guard let version = ChartVersion(text) else {
            throw APIError.wrong("version", "version must be a version of the store's chart, e.g. 1.2.0")
        }
        return version
    }
}

extension JSONBody {
    func plan() throws -> StorePlan? {
        guard let text = try text("plan") else { return nil }
        guard let plan = StorePlan(rawValue: text) else {
            throw APIError.wrong("plan", "plan must be one of \(StorePlan.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return plan
    }

    /// Null takes the schedule away, as nothing else is taken away by null.
    fileprivate func schedule() throws -> ScheduleSetting? {
        if isNull("awakeSchedule") { return .clear }
        guard let text = try text("awakeSchedule") else { return nil }
        guard let schedule = AwakeSchedule(text) else {
            throw APIError.wrong("awakeSchedule", "awakeSchedule must be null or \(AwakeSchedule.form)")
        }
        return .set(schedule)
    }

    func size(_ name: String) throws -> VolumeSize? {
        guard let text = try text(name) else { return nil }
        guard let size = VolumeSize(text) else {
            throw APIError.wrong(path(of: name), "\(path(of: name)) must be a size of whole Mi, Gi or Ti up to 64Ti, e.g. 10Gi")
        }
        return size
    }
}
