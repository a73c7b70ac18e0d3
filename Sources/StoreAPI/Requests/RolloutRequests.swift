import HTTPTypes
import Hummingbird
import StoreDomain
import StoreRecords

/// The body of `POST /api/admin/rollouts`.
struct CreateRolloutRequest {
    let order: RolloutOrder

    init(_ request: Request) async throws {
        let body = try await JSONBody(
            request,
            "engine",
            "to",
            "waves",
            "canaries",
            "batch",
            "maxFailures",
            "soakSeconds",
            "respectWindows",
            "urgent",
            "sleeping",
            "reason"
        )
        var order = RolloutOrder(engine: try Self.engine(body), version: try Self.version(body))
        if let waves = try Self.waves(body) { order.waves = waves }
        order.canaries = try Self.canaries(body)
        order.batch = try body.number("batch", in: RolloutOrder.batches) ?? order.batch
        order.maxFailures = try body.number("maxFailures", in: RolloutOrder.failures) ?? order.maxFailures
        order.soakSeconds = try body.number("soakSeconds", in: RolloutOrder.soaks) ?? order.soakSeconds
        order.respectsWindows = try body.flag("respectWindows") ?? order.respectsWindows
        order.isUrgent = try body.flag("urgent") ?? order.isUrgent
        order.sleeping = try Self.sleeping(body) ?? order.sleeping
        order.reason = try Self.reason(body)
        self.order = order
    }

    private static func engine(_ body: JSONBody) throws -> Engine {
        guard let text = try body.text("engine") else {
            throw APIError(.badRequest, "engine is required", code: "required", field: "engine")
        }
        guard let engine = Engine(rawValue: text) else {
            throw APIError.wrong("engine", "engine must be one of \(Engine.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return engine
    }

    private static func version(_ body: JSONBody) throws -> ChartVersion {
        guard let text = try body.text("to") else { throw APIError(.badRequest, "to is required", code: "required", field: "to") }
        guard let version = ChartVersion(text) else {
            throw APIError.wrong("to", "to must be a version of the engine's chart, e.g. 1.2.0")
        }
        return version
    }

    private static func waves(_ body: JSONBody) throws -> RolloutWaves? {
        guard let members = try body.objects("waves", "count", "percent") else { return nil }
        let ends = try members.map { member -> RolloutWaves.End in
            switch (try member.number("count", in: 1...1_000_000), try member.number("percent", in: 1...100)) {
            case (let count?, nil): return .count(count)
            case (nil, let percent?): return .percent(percent)
            default: throw APIError.wrong("waves", "Each wave must have either count or percent")
            }
        }
        guard let waves = RolloutWaves(ends) else { throw APIError.wrong("waves", "waves must be \(RolloutWaves.form)") }
        return waves
    }

    private static func canaries(_ body: JSONBody) throws -> [StoreID] {
        guard let value = body["canaries"] else { return [] }
        let wrong = APIError.wrong("canaries", "canaries must be a list of at most \(RolloutOrder.mostCanaries) stores' ids, each once")
        guard let words = value as? [Any], words.count <= RolloutOrder.mostCanaries else { throw wrong }
        let stores = words.compactMap { ($0 as? String).flatMap { StoreID($0) } }
        guard stores.count == words.count, Set(stores).count == stores.count else { throw wrong }
        return stores
    }

    private static func sleeping(_ body: JSONBody) throws -> SleepingPolicy? {
        guard let text = try body.text("sleeping") else { return nil }
        guard let policy = SleepingPolicy(rawValue: text) else { throw APIError.wrong("sleeping", "sleeping must be upgrade or skip") }
        return policy
    }

    private static func reason(_ body: JSONBody) throws -> String? {
        guard let text = try body.text("reason") else { return nil }
        guard text.hasVisibleCharacter, text.keepsItsLine, text.count <= RolloutOrder.longestReason else {
            throw APIError.wrong("reason", "reason must be one line of at most \(RolloutOrder.longestReason) characters")
        }
        return text
    }
}

/// The query of `GET /api/admin/rollouts/:id/stores`.
enum ListRolloutStoresRequest {
    static let parameters = ["state", "after", "limit"]

    static func query(_ query: Query) throws -> RolloutMemberQuery {
        let known = RolloutMemberState.allCases.map(\.rawValue).joined(separator: ", ")
        let states = try query.value("state", "some of \(known), separated by commas") { text -> [RolloutMemberState]? in
            let states = text.split(separator: ",", omittingEmptySubsequences: false).map { RolloutMemberState(rawValue: String($0)) }
            return states.contains(nil) ? nil : states.compactMap(\.self)
        }
        return RolloutMemberQuery(
            states: states ?? [],
            after: try query.number("after", in: 0...Int(Int32.max)) ?? 0,
            limit: try query.number("limit", in: 1...500) ?? 100
        )
    }
}
