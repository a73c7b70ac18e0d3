package import Cluster
import Foundation
package import Logging
import Observation
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Reads pods' logs for the APIs, which have no rights in the cluster: requests and answers go through PostgreSQL.
package struct LogRelay: Service {
    /// How long one is followed.
    private static let longest = Duration.seconds(600)
    /// How much of a log is read at once, in bytes.
    private static let readLimit = 512 << 10

    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let worker: String
    private let logger: Logger

    package init(records: StoreRecords, kubernetes: KubernetesClient, worker: String, logger: Logger) {
        self.records = records
        self.kubernetes = kubernetes
        self.worker = worker
        self.logger = logger
    }

    package func run() async throws {
        let places = LogPlaces()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (wakeups, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask { await records.listen(to: .podLogRequests, logger: logger) { _ in wakeup.yield() } }
                // For requests that had to wait: nobody wakes for them again.
                group.addTask {
                    while true {
                        do { try await Task.sleep(for: .seconds(1)) } catch { return }
                        if places.isAnyTaken { wakeup.yield() }
                    }
                }
                for await _ in wakeups {
                    guard let requests = try? await records.takeLogRequests(worker: worker, room: places.room) else { continue }
                    for taken in requests {
                        let handedBack = places.take(taken)
                        group.addTask {
                            await relay(taken.request, until: handedBack)
                            places.leave(taken)
                            wakeup.yield()
                        }
                    }
                    if places.room.followed == 0, let held = try? await records.ownersWaitingToFollow(worker: worker) {
                        places.release(forOwnersWith: held)
                    }
                }
            }
        }
    }

    private func relay(_ request: PodLogRequest, until handedBack: AsyncStream<Never>) async {
        var end = PodLogChunk(isLast: true)
        do {
            try await read(request, until: handedBack)
        } catch let error as ClusterError {
            end.error = error.message.plain(atMost: 1_000)
        } catch is NoSuchContainer {
            end.error = "The store has no such container."
        } catch is PlaceReleased {
            end.error = "Others wait for their logs. Open this one again to go on."
        } catch is Unwanted {
            return
        } catch {
            end.error = "The log could not be read to its end."
        }
        _ = try? await records.send(end, for: request.id)
    }

    private struct PlaceReleased: Error {}
    private struct NoSuchContainer: Error {}
    private struct Unwanted: Error {}

    private func read(_ request: PodLogRequest, until handedBack: AsyncStream<Never>) async throws {
        let pods = try await kubernetes.list(ObservedKind.pods.path(in: request.namespace), as: Pod.self).items
            .filter { $0.metadata.storeID == request.store.rawValue }.sorted { $0.name < $1.name }
        let all = pods.flatMap { pod in pod.containers.map { PodContainer(pod: pod.name, container: $0.name) } }
        let app = pods.first { $0.metadata.component == "app" }
        let wanted = all.first { source in
            guard let name = request.container else { return source.pod == app?.name && source.container == app?.mainContainer }
            return name == source.container || name == "\(source.pod)/\(source.container)"
        }
        guard let source = wanted else { throw NoSuchContainer() }
        try await send(PodLogChunk(source: source, containers: all), request)
        if request.follows {
            try await follow(source, request, until: handedBack)
        } else {
            let log = try await kubernetes.log(of: source, in: request.namespace, tail: request.tail, atMost: Self.readLimit)
            var pending = PendingLines()
            for line in log.utf8.split(separator: 0x0a) {
                pending.append(line.prefix(2 * LogRedaction.lineLimit))
                if pending.isFull { try await send(PodLogChunk(lines: pending.take()), request) }
            }
            try await send(PodLogChunk(lines: pending.take()), request)
        }
    }

    /// Lines that come in a swarm go in one chunk; a look at the request now and then ends what nobody wants.
    private func follow(_ source: PodContainer, _ request: PodLogRequest, until handedBack: AsyncStream<Never>) async throws {
        let pending = SharedLines()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await kubernetes.followLog(of: source, in: request.namespace, tail: request.tail, for: Self.longest) { line in
                    pending.lines.withLock { pending in
                        if pending.isFull { pending.forget() }
                        pending.append(line.utf8)
                    }
                }
            }
            group.addTask {
                var silence = 0
                while true {
                    try await Task.sleep(for: .milliseconds(200))
                    let lines = pending.lines.withLock { $0.remove() }
                    silence += 1
                    guard !lines.isEmpty || silence >= 25 else { continue }
                    silence = 0
                    try await send(PodLogChunk(lines: lines.map(LogRedaction.redact)), request)
                }
            }
            group.addTask {
                for await _ in handedBack {}
                try Task.checkCancellation()
                throw PlaceReleased()
            }
            group.addTask { try await Task.sleep(for: Self.longest) }
            try await group.next()
            group.cancelAll()
        }
        let rest = pending.lines.withLock { $0.remove() }.map(LogRedaction.redact)
        if !rest.isEmpty { try await send(PodLogChunk(lines: rest), request) }
    }

    private func send(_ chunk: PodLogChunk, _ request: PodLogRequest) async throws {
        guard try await records.send(chunk, for: request.id) else { throw Unwanted() }
    }
}

/// Lines that were read and not yet sent, of bounded size. What is looked at for secrets is only what is sent.
private struct PendingLines {
    private static let limit = 128 << 10
    private var lines: [String] = []
    private var size = 0

    var isFull: Bool { size >= Self.limit }

    mutating func append(_ line: some Collection<UInt8>) {
        lines.append(String(decoding: line, as: UTF8.self))
        // An empty line takes room, too.
        size += line.count + 16
    }

    /// The older half goes: a log that is written faster than it is read loses it.
    mutating func forget() {
        lines.removeFirst((lines.count + 1) / 2)
        size = lines.reduce(0) { $0 + $1.utf8.count + 16 }
    }

    mutating func remove() -> [String] {
        defer { self = PendingLines() }
        return lines
    }

    /// The lines as they may be shown.
    mutating func take() -> [String] { remove().map(LogRedaction.redact) }
}

private final class SharedLines: Sendable { let lines = Mutex(PendingLines()) }
