import Cluster
package import StoreDomain
import Synchronization

/// What the watches have told of all namespaces of ours, and which of them changed since somebody asked.
package final class ClusterCache: Sendable {
    fileprivate struct State {
        var views: [String: NamespaceView] = [:]
        var changed: Set<String> = []
        /// Kinds whose first list has not arrived: until it has, absence means nothing.
        var missing = Set(ObservedKind.allCases)
    }

    private let state = Mutex(State())
    /// Rings when something changed, once for all that changed meanwhile.
    package let changes: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    package init() { (changes, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    package func wake() { wakeup.yield() }

    /// Whether every kind was listed at least once.
    package var isComplete: Bool { state.withLock { $0.missing.isEmpty } }

    package func view(of namespace: StoreNamespace) -> NamespaceView? { state.withLock { $0.views[namespace.rawValue] } }

    /// Namespaces that changed since the last call, at most `limit` of them; the others stay.
    package func takeChanged(limit: Int) -> [String] {
        state.withLock { state in
            let taken = Array(state.changed.prefix(limit))
            state.changed.subtract(taken)
            return taken
        }
    }

    package func markChanged(_ namespaces: some Sequence<String>) {
        state.withLock { $0.changed.formUnion(namespaces) }
        wake()
    }

    /// Takes a list for the whole truth of this kind.
    func replace<Object: ClusterObject>(
        _ path: WritableKeyPath<NamespaceView, [String: Object]>,
        _ kind: ObservedKind,
        with objects: [Object]
    ) {
        let groups = Dictionary(grouping: objects) { $0.metadata.namespace ?? "" }
        state.withLock { state in
            for namespace in Set(state.views.keys).union(groups.keys) where kind != .events || state.isOurs(namespace) {
                let now = Dictionary(named: groups[namespace] ?? [])
                guard now != state.views[namespace]?[keyPath: path] ?? [:] else { continue }
                state.change(namespace) { $0[keyPath: path] = now }
            }
            state.missing.remove(kind)
        }
        wake()
    }

    func put<Object: ClusterObject>(_ path: WritableKeyPath<NamespaceView, [String: Object]>, _ kind: ObservedKind, _ object: Object) {
        guard let namespace = object.metadata.namespace else { return }
        state.withLock { state in
            guard kind != .events || state.isOurs(namespace) else { return }
            state.change(namespace) { $0[keyPath: path][object.name] = object }
        }
        wake()
    }

    func remove<Object: ClusterObject>(_ path: WritableKeyPath<NamespaceView, [String: Object]>, _ object: Object) {
        guard let namespace = object.metadata.namespace else { return }
        state.withLock { state in
            guard state.views[namespace]?[keyPath: path][object.name] != nil else { return }
            state.change(namespace) { $0[keyPath: path][object.name] = nil }
        }
        wake()
    }

    func replace(namespaces: [NamespaceObject]) {
        let now = Dictionary(named: namespaces)
        state.withLock { state in
            for name in Set(state.views.keys).union(now.keys) where state.views[name]?.namespace != now[name] {
                state.change(name) { $0.namespace = now[name] }
            }
            state.missing.remove(.namespaces)
        }
        wake()
    }

    func put(namespace: NamespaceObject) {
        state.withLock { $0.change(namespace.name) { $0.namespace = namespace } }
        wake()
    }

    func remove(namespace: NamespaceObject) {
        state.withLock { state in
            state.change(namespace.name) { $0.namespace = nil }
            // What is left of it is told by nobody any more.
            state.views[namespace.name] = nil
        }
        wake()
    }
}

extension ClusterCache.State {
    /// Everybody's events come by; those of namespaces that we know nothing else of are not kept.
    fileprivate func isOurs(_ namespace: String) -> Bool { views[namespace] != nil }

    fileprivate mutating func change(_ namespace: String, _ body: (inout NamespaceView) -> Void) {
        body(&views[namespace, default: NamespaceView()])
        views[namespace]?.forgetOldEvents()
        if views[namespace] == NamespaceView() { views[namespace] = nil }
        changed.insert(namespace)
    }
}
