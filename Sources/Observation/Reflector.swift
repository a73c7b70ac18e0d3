package import Cluster
package import Logging
import Synchronization

/// Keeps the image true to one kind of object: lists, watches from there, resumes where a watch ended, and lists anew when the
/// server has forgotten that place, or was put back to before it.
package struct Reflector<Object: ClusterObject>: Sendable {
    let kubernetes: KubernetesClient
    let kind: ObservedKind
    let connectivity: WatchConnectivity
    let logger: Logger
    let replace: @Sendable ([Object]) -> Void
    let put: @Sendable (Object) -> Void
    let remove: @Sendable (Object) -> Void

    /// Until the task is cancelled.
    func run() async {
        var version: String?
        var pause = Duration.milliseconds(250)
        while !Task.isCancelled {
            do {
                if let known = version, try await isBehind(known) { version = nil }
                if version == nil {
                    let list = try await kubernetes.list(kind.path, as: Object.self)
                    replace(list.items)
                    version = list.resourceVersion
                }
                connectivity.made(kind)
                pause = .milliseconds(250)
                try await kubernetes.watch(kind.path, as: Object.self, from: version ?? "0") { event in
                    connectivity.made(kind)
                    switch event {
                    case .put(let object, let now):
                        put(object)
                        version = now
                    case .gone(let object, let now):
                        remove(object)
                        version = now
                    case .bookmark(let now): version = now
                    case .failure: break
                    }
                }
            } catch {
                if Task.isCancelled { return }
                // Forgotten, or a place that the server never knew, as after it was restored from a backup.
                if let error = error as? ClusterError, [.status(410), .status(400), .unreadable].contains(error.code) { version = nil }
                connectivity.lost(kind)
                logger.debug("A watch was interrupted", metadata: ["kind": "\(kind.rawValue)", "error": "\(error)"])
                do { try await Task.sleep(for: pause * Double.random(in: 0.5...1.5)) } catch { return }
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    /// Whether the server is at an earlier place than we were: one restored from a backup would say nothing until it has come there again.
    private func isBehind(_ known: String) async throws(ClusterError) -> Bool {
        let path = kind.path + (kind.path.contains("?") ? "&" : "?") + "limit=1"
        let now = try await kubernetes.get(path)?["metadata"]["resourceVersion"].string
        guard let now = now.flatMap({ UInt64($0) }), let known = UInt64(known) else { return false }
        return now < known
    }
}

/// Since when which kinds cannot be seen.
package final class WatchConnectivity: Sendable {
    private let lostAt = Mutex<[ObservedKind: ContinuousClock.Instant]>([:])

    package init() {}

    func made(_ kind: ObservedKind) { lostAt.withLock { _ = $0.removeValue(forKey: kind) } }

    func lost(_ kind: ObservedKind) {
        lostAt.withLock { lost in if lost[kind] == nil { lost[kind] = .now } }
    }

    /// How long some kind has not been seen; `nil` when all are.
    package var lostFor: Duration? { lostAt.withLock { lost in lost.values.min().map { ContinuousClock.now - $0 } } }
}

extension ClusterCache {
    /// One watch for each kind, however many stores there are; until the task is cancelled.
    package func follow(_ kubernetes: KubernetesClient, connectivity: WatchConnectivity, logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            func reflect<Object: ClusterObject>(
                _ kind: ObservedKind,
                _ path: any WritableKeyPath<NamespaceView, [String: Object]> & Sendable
            ) {
                let reflector = Reflector<Object>(
                    kubernetes: kubernetes,
                    kind: kind,
                    connectivity: connectivity,
                    logger: logger,
                    replace: { self.replace(path, kind, with: $0) },
                    put: { self.put(path, kind, $0) },
                    remove: { self.remove(path, $0) }
                )
                group.addTask { await reflector.run() }
            }
            let namespaces = Reflector<NamespaceObject>(
                kubernetes: kubernetes,
                kind: .namespaces,
                connectivity: connectivity,
                logger: logger,
                replace: { self.replace(namespaces: $0) },
                put: { self.put(namespace: $0) },
                remove: { self.remove(namespace: $0) }
            )
            group.addTask { await namespaces.run() }
            reflect(.pods, \.pods)
            reflect(.deployments, \.deployments)
            reflect(.statefulSets, \.statefulSets)
            reflect(.replicaSets, \.replicaSets)
            reflect(.services, \.services)
            reflect(.ingresses, \.ingresses)
            reflect(.claims, \.claims)
            reflect(.jobs, \.jobs)
            reflect(.quotas, \.quotas)
            reflect(.events, \.events)
        }
    }
}
