import Foundation
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// What a store's containers wrote. A worker reads it, since the API has no rights in the cluster.
struct PodLogRoutes: Sendable {
    let records: StoreRecords
    let feed: ChangeFeed
    let limits: RequestLimits
    /// How long a worker may take to answer, and a client to take what comes.
    var patience = Duration.seconds(15)

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/:id/logs", for: .readStores, query: ["container", "tail", "follow"], logs)
    }

    /// `container` (the store's own), `tail` (200), `follow` (false): with it a stream of `source`, `lines` and `end`.
    @Sendable private func logs(_ request: Request, _ context: APIContext) async throws -> Response {
        let tail = try context.query.number("tail", in: 0...5_000) ?? 200
        let follows = try context.query.value("follow", "true or false") { Bool($0) } ?? false
        let container = context.query["container"]
        guard container?.utf8.count ?? 0 <= 320, container?.utf8.contains(0) != true else {
            throw APIError.wrong("container", "container must be a container's name, or a pod's, a slash and its")
        }
        let store = try await context.store(records, as: .manager)
        let wanted = PodLogRequest(
            id: UUID().uuidString.lowercased(),
            store: store.id,
            namespace: store.namespace,
            container: container,
            tail: tail,
            follows: follows
        )
        guard wanted.follows else { return try await whole(wanted) }
        return try stream(wanted, countedFor: StreamCaller(context, limits: limits), until: context.principal?.expiresAt)
    }

    private func whole(_ wanted: PodLogRequest) async throws -> Response {
        var answer = PodLogChunk()
        try await chunks(of: wanted) { chunk in
            answer.source = answer.source ?? chunk.source
            answer.containers = answer.containers ?? chunk.containers
            answer.lines += chunk.lines
            answer.error = chunk.error
        }
        if let error = answer.error {
            throw answer.source == nil && answer.containers == nil ? APIError(.notFound, error) : APIError(.conflict, error)
        }
        return .json(capacity: 100 * (answer.lines.count + 10)) { json in
            json.fields(of: answer)
            json.array("lines", answer.lines) { json, line in json.text(line) }
        }
    }

    private func stream(_ wanted: PodLogRequest, countedFor caller: StreamCaller?, until end: Date?) throws -> Response {
        try feed.checkRoom(for: caller)
        return .events(patience: patience, until: end) { out in
            do {
                try await chunks(of: wanted, countedFor: caller) { chunk in
                    var frames: [EventFrame] = []
                    if chunk.source != nil { frames.append(EventFrame("source", id: nil) { $0.fields(of: chunk) }) }
                    if !chunk.lines.isEmpty {
                        frames.append(
                            EventFrame("lines", id: nil, capacity: 100 * chunk.lines.count) { json in
                                json.array("lines", chunk.lines) { json, line in json.text(line) }
                            }
                        )
                    }
                    if chunk.isLast { frames.append(EventFrame("end", id: nil) { $0.field("error", chunk.error) }) }
                    // Also finds a client that has gone.
                    try await out.write(frames.isEmpty ? [.heartbeat] : frames)
                }
            } catch let error as APIError {
                try await out.write([EventFrame("end", id: nil) { $0.field("error", error.message) }])
            }
        }
    }

    /// Asks, and hands on what comes until the last. Throws `APIError` when no worker takes the request.
    private func chunks(of wanted: PodLogRequest, countedFor caller: StreamCaller? = nil, _ body: (PodLogChunk) async throws -> Void)
        async throws
    {
        try await feed.follow(wanted.id, countedFor: caller) { subscription in
            try await records.ask(wanted)
            let asked = ContinuousClock.now
            var failure: (any Error)?
            do {
                try await subscription.forEach { _, _ in
                    let (chunks, isTaken) = try await records.takeLog(of: wanted.id)
                    for chunk in chunks {
                        try await body(chunk)
                        if chunk.isLast { subscription.end() }
                    }
                    if !isTaken, ContinuousClock.now - asked > patience {
                        throw APIError(.serviceUnavailable, "No worker available; try again", retryAfter: 5)
                    }
                }
            } catch { failure = error }
            try? await records.forgetLog(wanted.id)
            if let failure { throw failure }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of chunk: PodLogChunk) {
        field("pod", chunk.source?.pod)
        field("container", chunk.source?.container)
        array("containers", chunk.containers ?? []) { json, source in
            json.object {
                $0.field("pod", source.pod)
                $0.field("container", source.container)
            }
        }
    }
}
