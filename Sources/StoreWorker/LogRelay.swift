package import Cluster
import Foundation
package import Logging
import Observation
package import Postgres
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Reads pods' logs for the APIs, which have no rights in the cluster: requests and answers go through PostgreSQL.
package struct LogRelay: Service {
    /// Logs at once in this process, and how long one is followed.
    private static let limit = 16
    private static let longest = Duration.seconds(600)

    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let configuration: PostgresConfiguration
    private let worker: String
    private let logger: Logger

    package init(records: StoreRecords, kubernetes: KubernetesClient, configuration: PostgresConfiguration, worker: String, logger: Logger)
    {
        self.records = records
        self.kubernetes = kubernetes
        self.configuration = configuration
        self.worker = worker
        self.logger = logger
    }

    package func run() async throws {
        let listener = PostgresListener(configuration: configuration, channels: [StoreRecords.logRequestsChannel], logger: logger)
        let busy = Busy()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask { await listener.run { _ in bell.yield() } }
                for await _ in bells {
                    let room = Self.limit - busy.count.load(ordering: .relaxed)
                    guard room > 0, let requests = try? await records.takeLogRequests(worker: worker, limit: room) else { continue }
                    for request in requests {
                        busy.count.add(1, ordering: .relaxed)
                        group.addTask {
                            await relay(request)
                            busy.count.subtract(1, ordering: .relaxed)
                            bell.yield()
                        }
                    }
                }
            }
        }
    }

    private func relay(_ request: PodLogRequest) async {
        var end = PodLogChunk(isLast: true)
        do {
            try await read(request)
        } catch let error as ClusterError {
            end.error = error.message
        } catch is NoSuchContainer {
            end.error = "The store has no such container."
        } catch is Unwanted {
            return
        } catch {
            end.error = "The log could not be read to its end."
        }
        _ = try? await records.send(end, for: request.id)
    }

    private struct NoSuchContainer: Error {}
    private struct Unwanted: Error {}

    private func read(_ request: PodLogRequest) async throws {
        let pods = try await kubernetes.list(ObservedKind.pods.path(in: request.namespace), as: Pod.self).items
            .filter { $0.metadata.storeID == request.store.rawValue }.sorted { $0.name < $1.name }
        let all = pods.flatMap { pod in pod.containers.map { PodContainer(pod: pod.name, container: $0.name) } }
        let shop = pods.first { $0.metadata.component == "app" }
        let wanted = all.first { source in
            guard let name = request.container else { return source.pod == shop?.name && source.container == shop?.mainContainer }
            return name == source.container || name == "\(source.pod)/\(source.container)"
        }
        guard let source = wanted else { throw NoSuchContainer() }
        try await send(PodLogChunk(source: source, containers: all), request)
        let path = "/api/v1/namespaces/\(request.namespace)/pods/\(source.pod)/log?container=\(source.container)&tailLines=\(request.tail)"
        if request.follows {
            try await follow(path, request)
        } else {
            let answer = try await kubernetes.text(path + "&limitBytes=524288")
            guard answer.status == 200 else {
                throw ClusterError(
                    code: .status(answer.status),
                    message: (try? JSON(data: Data(answer.body.utf8)))?["message"].string ?? "There is no log."
                )
            }
            let lines = answer.body.split(whereSeparator: \.isNewline).map { Self.presentable(String($0)) }
            for start in stride(from: 0, to: lines.count, by: 500) {
                try await send(PodLogChunk(lines: Array(lines[start..<min(start + 500, lines.count)])), request)
            }
        }
    }

    /// Lines that come in a swarm go in one chunk; a look at the request now and then ends what nobody wants.
    private func follow(_ path: String, _ request: PodLogRequest) async throws {
        let pending = PendingLines()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await kubernetes.follow(path + "&follow=true", limit: Self.longest) { line in
                    pending.append(Self.presentable(line))
                }
            }
            group.addTask {
                var silence = 0
                while true {
                    try await Task.sleep(for: .milliseconds(200))
                    let lines = pending.take()
                    silence += 1
                    guard !lines.isEmpty || silence >= 25 else { continue }
                    silence = 0
                    try await send(PodLogChunk(lines: lines), request)
                }
            }
            try await group.next()
            group.cancelAll()
        }
        let rest = pending.take()
        if !rest.isEmpty { try await send(PodLogChunk(lines: rest), request) }
    }

    private func send(_ chunk: PodLogChunk, _ request: PodLogRequest) async throws {
        guard try await records.send(chunk, for: request.id) else { throw Unwanted() }
    }

    private static func presentable(_ line: String) -> String { LogRedaction.redact(String(line.prefix(4_000))) }
}

/// How many logs are being read.
private final class Busy: Sendable { let count = Atomic<Int>(0) }

/// Lines that were read and not yet sent. A log that is written faster than it is read loses its oldest ones.
private final class PendingLines: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { lines in
            if lines.count >= 2_000 { lines.removeFirst(1_000) }
            lines.append(line)
        }
    }

    func take() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}
