import HTTPTypes
import Hummingbird
import Identity
import Logging
import StoreDomain
import StoreRecords

/// Versions for many stores at once, under an operator's hand. A worker carries them out.
struct RolloutRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/admin/rollouts", for: .operate, query: ["limit"], list)
        table.on(.post, "/api/admin/rollouts", for: .operate, create)
        table.on(.get, "/api/admin/rollouts/:id", for: .operate, one)
        table.on(.get, "/api/admin/rollouts/:id/stores", for: .operate, query: ListRolloutStoresRequest.parameters, stores)
        for action in RolloutAction.allCases {
            table.on(.post, "/api/admin/rollouts/:id/\(action.rawValue)", for: .operate) { request, context in
                try await operate(action, request, context)
            }
        }
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let rollouts = try await records.rollouts(limit: try context.query.number("limit", in: 1...500) ?? 50)
        return .json(capacity: 1_024 * (rollouts.count + 1)) { json in
            json.array("rollouts", rollouts) { json, rollout in json.object { $0.fields(of: rollout) } }
        }
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let order = try await CreateRolloutRequest(request).order
        switch try await records.createRollout(order, by: context.operator) {
        case .created(let rollout):
            context.logger.notice("A rollout is made", metadata: ["operator": "\(context.operator.name)", "rollout": "\(rollout.id)"])
            var response = Response.json(status: .created, capacity: 2_048) { json in json.object("rollout") { $0.fields(of: rollout) } }
            response.headers[.location] = "/api/admin/rollouts/\(rollout.id)"
            return response
        case .noVersion:
            let versions = try await records.charts().filter { $0.engine == order.engine }.map(\.version.rawValue)
            let text = versions.isEmpty ? "no worker is there to tell which ones" : "there are \(versions.joined(separator: ", "))"
            throw APIError.wrong("to", "No worker has this version of the engine's chart: \(text)")
        case .unfinished(let other):
            throw APIError(
                .conflict,
                "Rollout \(other) of this engine is not over: cancel it, or wait for its end",
                code: "rollout-unfinished"
            )
        case .noStores:
            throw APIError(
                .conflict,
                "Every store of this engine has version \(order.version) or a newer one",
                code: "no-stores",
                field: "to"
            )
        case .noCanary(let store):
            throw APIError.wrong("canaries", "\(store) is no store of this engine that was ready once and has an older version")
        }
    }

    @Sendable private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = Self.id(context), let rollout = try await records.rollout(id) else { throw APIError.rolloutNotFound }
        return .json(capacity: 2_048) { json in json.object("rollout") { $0.fields(of: rollout) } }
    }

    @Sendable private func stores(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try ListRolloutStoresRequest.query(context.query)
        guard let id = Self.id(context), let members = try await records.members(of: id, query) else { throw APIError.rolloutNotFound }
        return .json(capacity: 512 * (members.count + 1)) { json in
            json.array("stores", members) { json, member in json.object { $0.fields(of: member) } }
            if members.count == query.limit, let last = members.last { json.field("nextAfter", last.place) }
        }
    }

    private func operate(_ action: RolloutAction, _ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = Self.id(context) else { throw APIError.rolloutNotFound }
        switch try await records.operate(id, action, by: context.operator) {
        case .accepted(let rollout):
            context.logger.notice(
                "An operator acts on a rollout",
                metadata: ["operator": "\(context.operator.name)", "rollout": "\(id)", "action": "\(action.rawValue)"]
            )
            return .json(capacity: 2_048) { json in
                json.field("message", action.done)
                json.object("rollout") { $0.fields(of: rollout) }
            }
        case .unfit(let rollout): throw APIError(.conflict, "The rollout is \(rollout.state.rawValue)", code: "unfit")
        case .nothingFailed: throw APIError(.conflict, "No store of the rollout failed or was kept", code: "nothing-failed")
        case .unfinished: throw APIError(.conflict, "Another rollout of this engine is not over", code: "rollout-unfinished")
        case .notFound: throw APIError.rolloutNotFound
        }
    }

    private static func id(_ context: APIContext) -> RolloutID? { context.parameters.get("id").flatMap { RolloutID($0) } }
}

extension RolloutAction {
    fileprivate var done: String {
        switch self {
        case .pause: "No store begins until the rollout is resumed; what runs goes on"
        case .resume: "The rollout goes on"
        case .cancel: "The rollout is cancelled; what runs goes on"
        case .retry: "What failed or was kept is tried again"
        }
    }
}
