import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import StoreDomain
import StoreRecords

/// Server-sent events: what changes, as it changes.
struct LiveRoutes: Sendable {
    let records: StoreRecords
    let feed: ChangeFeed
    let limits: RequestLimits
    /// A client that takes nothing for this long is let go.
    var patience = Duration.seconds(30)

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/events", for: .readStores, query: ["scope"], stores)
        table.on(.get, "/api/stores/:id/events", for: .readStores, store)
    }

    /// `hello` with the place to resume from; `store` and `deleted` as stores change; `reset` when too much was missed: read the list anew.
    @Sendable private func stores(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.listed()
        let resume = try request.headers[.lastEventID].map { text in
            guard let cursor = ChangeCursor(text) else {
                throw APIError.wrong("Last-Event-ID", "Invalid Last-Event-ID")
            }
            return cursor
        }
        let streams = StreamCaller(context, limits: limits)
        try feed.checkRoom(for: streams)
        return .events(patience: patience, until: context.principal?.expiresAt) { [records, feed] out in
            try await feed.followStores(visibleTo: user, countedFor: streams) { subscription in
                // Read after it was subscribed: what happens meanwhile is in one of the two, or in both.
                let cursor: ChangeCursor
                if let resume {
                    let missed = try await records.stores(changedSince: resume, visibleTo: user, limit: Subscription.backlog)
                    cursor = missed.cursor
                    if missed.stores.count > Subscription.backlog {
                        subscription.ask(for: .reset)
                    } else {
                        for changed in missed.stores {
                            let frame = EventFrame(changed, isThere: changed.standing(for: user) == .there, cursor: cursor)
                            subscription.offer(frame, of: changed.store.id, replacing: false)
                        }
                    }
                } else {
                    cursor = try await records.cursor()
                }
                try await out.write([.greeting, EventFrame("hello", id: cursor.description) { $0.field("resumed", resume != nil) }])
                try await subscription.forEach { wants, frames in
                    var frames = frames
                    if wants.contains(.reset) {
                        frames = [EventFrame("reset", id: try await records.cursor().description) { _ in }]
                    }
                    if frames.isEmpty, wants.contains(.heartbeat) { frames = [.heartbeat] }
                    try await out.write(frames)
                }
            }
        }
    }

    /// `store` with everything as `GET /api/stores/{id}` has it, at once and whenever it changes; `log` for each line of the build
    /// log, from the beginning of the newest attempt or from `Last-Event-ID` on; `deleted` at the end.
    @Sendable private func store(_ request: Request, _ context: APIContext) async throws -> Response {
        let access = context.visibleTo
        guard let id = context.storeID, let first = try await records.detail(id, visibleTo: access) else { throw APIError.storeNotFound }
        let resume = try request.headers[.lastEventID].map { text in
            guard let line = Int64(text), line >= 0 else {
                throw APIError.wrong("Last-Event-ID", "Invalid Last-Event-ID")
            }
            return line
        }
        let streams = StreamCaller(context, limits: limits)
        try feed.checkRoom(for: streams)
        let newest = try await records.attempts(of: id, visibleTo: access)?.first?.id
        return .events(patience: patience, until: context.principal?.expiresAt) { [records, feed] out in
            try await feed.follow(id.rawValue, countedFor: streams) { subscription in
                var line = resume ?? 0
                var oldest = resume == nil ? newest : nil
                var isQueued = first.job?.state == .queued
                subscription.ask(for: [.detail, .log])
                try await out.write([.greeting])
                try await subscription.forEach { wants, _ in
                    var frames: [EventFrame] = []
                    if wants.contains(.detail) || (isQueued && wants.contains(.tick)) {
                        guard let detail = try await records.detail(id, visibleTo: access) else {
                            try await out.write([EventFrame("deleted", id: String(line)) { $0.field("id", id.rawValue) }])
                            subscription.end()
                            return
                        }
                        isQueued = detail.job?.state == .queued
                        frames.append(EventFrame("store", id: String(line), capacity: 8_192) { $0.whole(detail, now: Date()) })
                    }
                    if wants.contains(.log) {
                        while true {
                            let lines = try await records.buildLog(of: id, attempt: nil, after: line, limit: 500)
                            for entry in lines where entry.attempt >= oldest ?? 0 {
                                frames.append(EventFrame("log", id: String(entry.id)) { $0.fields(of: entry) })
                            }
                            line = lines.last?.id ?? line
                            if lines.count < 500 { break }
                            try await out.write(frames)
                            frames = []
                        }
                        oldest = nil
                    }
                    if frames.isEmpty, wants.contains(.heartbeat) { frames = [.heartbeat] }
                    try await out.write(frames)
                }
            }
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .from
    /// Tells nginx to pass events on at once.
    static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .from
}
