import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// The browsers in which somebody is signed in, under their own hand. What is ended here is believed for as long as its access token lives.
struct OwnSessionRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/auth/sessions", for: .manageAccount, list)
        table.on(.delete, "/api/auth/sessions", for: .manageAccount, endOthers)
        table.on(.delete, "/api/auth/sessions/:id", for: .manageAccount, end)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let (user, current) = try session(context)
        let sessions = try await records.sessions(of: user)
        return .json(capacity: 400 * (sessions.count + 1)) { json in
            json.array("sessions", sessions) { json, session in
                json.object { json in
                    json.fields(of: session, isCurrent: session.id == current)
                }
            }
        }
    }

    @Sendable private func endOthers(_ request: Request, _ context: APIContext) async throws -> Response {
        let (user, current) = try session(context)
        _ = try await JSONBody(request, optional: true)
        let ended = try await records.endSessions(of: user, id: nil, keeping: current, by: context.operator)
        return .json { json in
            json.field("message", ended == 1 ? "One other session is ended" : "\(ended) other sessions are ended")
            json.field("ended", ended)
        }
    }

    @Sendable private func end(_ request: Request, _ context: APIContext) async throws -> Response {
        let (user, current) = try session(context)
        _ = try await JSONBody(request, optional: true)
        let id = context.parameters.get("id") ?? ""
        guard id != current else { throw APIError(.conflict, "This is the session that asks: sign out instead", code: "current-session") }
        guard id.isHex(16), try await records.endSessions(of: user, id: id, keeping: current, by: context.operator) == 1 else {
            throw APIError(.notFound, "There is no such session", code: "session-not-found")
        }
        return .json { $0.field("message", "The session is ended") }
    }

    private func session(_ context: APIContext) throws -> (user: UserID, id: String) {
        guard case .session(let id) = context.principal?.means, let user = context.user else {
            throw APIError(.forbidden, "Sessions are kept of people who signed in here")
        }
        return (user, id)
    }
}

extension JSONWriter {
    /// `isCurrent`: whether it is the one that asks.
    mutating func fields(of session: OpenSession, isCurrent: Bool) {
        field("id", session.id)
        field("current", isCurrent)
        field("createdAt", session.createdAt)
        field("usedAt", session.usedAt)
        field("expiresAt", session.expiresAt)
        field("address", session.client.address)
        field("userAgent", session.client.userAgent?.inOneLine)
    }
}
