import Foundation
package import Logging
import NIOCore
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Hears of changes from PostgreSQL, reads each changed store once, and hands the event to every client that may see it.
///
/// News only says where to look, so lost news costs nothing but time: after a reconnection everything that changed since is read.
package final class ChangeFeed: Service {
    private struct Unread {
        var rows: Set<StoreID> = []
        var missed = false
    }

    private struct Clients {
        var nextID = 0
        var ofLists: [Int: Subscription] = [:]
        /// By a store's id, or that of a request for a log.
        var ofSubjects: [String: [Int: Subscription]] = [:]
        /// How many streams each caller has.
        var ofCallers: [String: Int] = [:]
        var isOver = false

        var count: Int { ofLists.count + ofSubjects.values.reduce(0) { $0 + $1.count } }
        mutating func leave(_ caller: StreamCaller?) {
            guard let caller, let count = ofCallers[caller.name] else { return }
            ofCallers[caller.name] = count > 1 ? count - 1 : nil
        }

        var all: [Subscription] { Array(ofLists.values) + ofSubjects.values.flatMap(\.values) }
    }

    private let records: StoreRecords
    private let limit: Int
    private let heartbeat: Duration
    private let logger: Logger
    private let unread = Mutex(Unread())
    private let clients = Mutex(Clients())
    private let changes: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    /// `limit`: how many clients may be connected to this process. `heartbeat`: how often an idle one hears that all is well.
    package init(
        records: StoreRecords,
        limit: Int = 2_000,
        heartbeat: Duration = .seconds(15),
        logger: Logger
    ) {
        self.records = records
        self.limit = limit
        self.heartbeat = heartbeat
        self.logger = logger
        (changes, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// How many clients are connected.
    package var connected: Int { clients.withLock { $0.count } }

    /// To stand after the API in the service group, which shuts down in reverse: first the streams end, then the server stops.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.listen() }
                group.addTask { await self.publish() }
                group.addTask { await self.keepAlive() }
                await group.waitForAll()
            }
        }
        let all = clients.withLock { clients in
            clients.isOver = true
            return clients.all
        }
        for client in all { client.end() }
    }

    /// Follows every store that the user has or is a member of (`nil`: all) for as long as the body runs. Throws `APIError` when too many are connected.
    func followStores(visibleTo user: UserID?, countedFor caller: StreamCaller? = nil, _ body: (Subscription) async throws -> Void)
        async throws
    {
        let subscription = Subscription(visibleTo: user)
        let id = try join(caller) { clients, id in clients.ofLists[id] = subscription }
        defer {
            clients.withLock { clients in
                clients.ofLists[id] = nil
                clients.leave(caller)
            }
        }
        try await body(subscription)
    }

    /// Follows the news of one store, by its id, or of one request for a log, by its.
    func follow(_ subject: String, countedFor caller: StreamCaller? = nil, _ body: (Subscription) async throws -> Void) async throws {
        let subscription = Subscription(visibleTo: nil)
        let id = try join(caller) { clients, id in clients.ofSubjects[subject, default: [:]][id] = subscription }
        defer {
            clients.withLock { clients in
                clients.ofSubjects[subject]?[id] = nil
                if clients.ofSubjects[subject]?.isEmpty == true { clients.ofSubjects[subject] = nil }
                clients.leave(caller)
            }
        }
        try await body(subscription)
    }

    /// Throws `APIError` when there is no room for another, or the caller has as many as one may have.
    func checkRoom(for caller: StreamCaller? = nil) throws {
        try clients.withLock { clients in
            guard !clients.isOver, clients.count < limit else { throw APIError.noMoreStreams }
            if let caller, clients.ofCallers[caller.name, default: 0] >= caller.limit { throw APIError.tooManyStreams }
        }
    }

    private func join(_ caller: StreamCaller?, _ add: (inout Clients, Int) -> Void) throws -> Int {
        try checkRoom(for: caller)
        return clients.withLock { clients in
            if let caller { clients.ofCallers[caller.name, default: 0] += 1 }
            clients.nextID += 1
            add(&clients, clients.nextID)
            return clients.nextID
        }
    }

    private func listen() async {
        await records.listen(to: .changes, logger: logger) { news in
            switch news {
            case .resynchronise:
                unread.withLock { $0.missed = true }
                wakeup.yield()
                for client in clients.withLock({ $0.ofSubjects.values.flatMap(\.values) }) { client.ask(for: [.detail, .log]) }
            case .store(let store):
                unread.withLock { _ = $0.rows.insert(store) }
                wakeup.yield()
                ask(store.rawValue, for: .detail)
            case .detail(let store): ask(store.rawValue, for: .detail)
            case .buildLog(let store): ask(store.rawValue, for: [.log, .detail])
            case .podLog(let request): ask(request, for: .detail)
            case .podLogRequest, .drain, .cancel: break
            }
        }
    }

    private func ask(_ subject: String, for wants: Subscription.Wants) {
        for client in clients.withLock({ Array($0.ofSubjects[subject, default: [:]].values) }) { client.ask(for: wants) }
    }

    private func publish() async {
        var cursor: ChangeCursor?
        for await _ in changes {
            // Changes come in swarms: those of the next moment are read together.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
            let (rows, missed) = unread.withLock { unread in
                defer { unread = Unread() }
                return (unread.rows, unread.missed)
            }
            do {
                if missed || cursor == nil { cursor = try await catchUp(from: cursor) }
                guard clients.withLock({ !$0.ofLists.isEmpty }) else { continue }
                var rest = rows.sorted { $0.rawValue < $1.rawValue }[...]
                while !rest.isEmpty {
                    let changed = try await records.stores(Array(rest.prefix(500)))
                    rest = rest.dropFirst(500)
                    hand(changed.stores, cursor: changed.cursor)
                    cursor = changed.cursor
                }
            } catch {
                if Task.isCancelled { return }
                logger.debug("Changes could not be read", metadata: ["error": "\(error)"])
                unread.withLock { unread in
                    unread.rows.formUnion(rows)
                    unread.missed = unread.missed || missed
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                wakeup.yield()
            }
        }
    }

    /// What changed while nobody listened.
    private func catchUp(from cursor: ChangeCursor?) async throws -> ChangeCursor {
        guard let cursor else { return try await records.cursor() }
        let changed = try await records.stores(changedSince: cursor, visibleTo: nil, limit: 5_000)
        if changed.stores.count > 5_000 {
            for client in clients.withLock({ Array($0.ofLists.values) }) { client.ask(for: .reset) }
        } else {
            hand(changed.stores, cursor: changed.cursor)
        }
        return changed.cursor
    }

    private func hand(_ stores: [ChangedStore], cursor: ChangeCursor) {
        let listeners = clients.withLock { Array($0.ofLists.values) }
        for changed in stores {
            lazy var there = EventFrame(changed, isThere: true, cursor: cursor)
            lazy var gone = EventFrame(changed, isThere: false, cursor: cursor)
            for client in listeners {
                switch changed.standing(for: client.user) {
                case .there: client.offer(there, of: changed.store.id)
                case .gone: client.offer(gone, of: changed.store.id)
                case .unseen: break
                }
            }
        }
    }

    private func keepAlive() async {
        var last = ContinuousClock.now
        while !Task.isCancelled {
            do { try await Task.sleep(for: min(.seconds(2), heartbeat)) } catch { return }
            for client in clients.withLock({ $0.ofSubjects.values.flatMap(\.values) }) { client.ask(for: .tick) }
            guard ContinuousClock.now - last >= heartbeat else { continue }
            last = .now
            for client in clients.withLock({ $0.all }) { client.ask(for: .heartbeat) }
        }
    }
}

extension EventFrame {
    /// `isThere` false: to whom it is for, the store is gone.
    init(_ changed: ChangedStore, isThere: Bool, cursor: ChangeCursor) {
        self.init(isThere ? "store" : "deleted", id: cursor.description) { json in
            if isThere { json.fields(of: changed.store) } else { json.field("id", changed.store.id.rawValue) }
        }
    }
}
