import Cluster
import Observation
import Provisioning
import StoreDomain
import StoreRecords

/// What the watcher knows beside the cluster's cache: which stores there are, how their stores answered, and since when they are unwell.
actor HealthTracker {
    private struct Probes {
        var nextProbe: ContinuousClock.Instant
        var failures = 0
        var problem: String?
        /// As the store said last.
        var volumes: [VolumeUsage]?
    }

    private let cache: ClusterCache
    private let grace: GracePeriods
    private let probeInterval: Duration
    private var stores: [StoreID: WatchedStore] = [:]
    private var ids: [String: StoreID] = [:]
    private var probes: [StoreID: Probes] = [:]
    private var unwellSince: [StoreID: ContinuousClock.Instant] = [:]
    private var written: [StoreID: StoreObservation] = [:]

    init(cache: ClusterCache, grace: GracePeriods, probeInterval: Duration) {
        self.cache = cache
        self.grace = grace
        self.probeInterval = probeInterval
    }

    /// Stores as PostgreSQL has them now; those whose status changed are looked at again.
    func learn(_ changed: [WatchedStore]) {
        for store in changed where stores[store.id] != store {
            if let old = stores[store.id], ids[old.namespace.rawValue] == store.id { ids[old.namespace.rawValue] = nil }
            unwellSince[store.id] = nil
            // Nothing is known to be written for a store in a new state.
            written[store.id] = nil
            if store.isDeleted {
                stores[store.id] = nil
                probes[store.id] = nil
                continue
            }
            stores[store.id] = store
            ids[store.namespace.rawValue] = store.id
            probes[store.id] = store.isToServe ? Probes(nextProbe: .now + probeInterval * Double.random(in: 0...1)) : nil
            cache.markChanged([store.namespace.rawValue])
        }
    }

    /// All stores are looked at again, as after the cluster was out of sight.
    func lookAgainAtAll() {
        written = [:]
        cache.markChanged(ids.keys)
    }

    /// What is new of these namespaces. An unwell store stays on the list until its grace is over.
    func observations(of namespaces: [String]) -> [StoreObservation] {
        var waiting: [String] = []
        let observations = namespaces.compactMap { name -> StoreObservation? in
            guard let id = ids[name], let store = stores[id] else { return nil }
            let view = view(of: store)
            let (verdict, waits) = verdict(store, view)
            if waits { waiting.append(name) }
            var snapshot = (view ?? NamespaceView()).snapshot
            snapshot.volumes = probes[id]?.volumes
            let observation = StoreObservation(store: id, snapshot: snapshot, verdict: verdict)
            return written[id] == observation ? nil : observation
        }
        if !waiting.isEmpty {
            let cache = cache
            Task {
                try? await Task.sleep(for: .seconds(1))
                cache.markChanged(waiting)
            }
        }
        return observations
    }

    func wrote(_ observations: [StoreObservation]) {
        for observation in observations { written[observation.store] = observation }
    }

    /// Ready stores whose time it is to be asked, at most `limit`: those that have waited longest.
    func dueProbes(limit: Int) -> [(store: WatchedStore, view: NamespaceView)] {
        let now = ContinuousClock.now
        var due: [(store: WatchedStore, view: NamespaceView)] = []
        guard limit > 0 else { return due }
        for (id, _) in probes.filter({ $0.value.nextProbe <= now }).sorted(by: { $0.value.nextProbe < $1.value.nextProbe }) {
            guard due.count < limit else { break }
            guard let store = stores[id] else { continue }
            probes[id]?.nextProbe = now + probeInterval
            // One that is not whole is known to be unwell.
            if let view = view(of: store), view.allReady { due.append((store, view)) }
        }
        return due
    }

    /// Two problems in a row count: one may be a moment's.
    func probed(_ store: WatchedStore, problem: String?) {
        guard var probe = probes[store.id] else { return }
        let before = probe.problem
        if problem == nil {
            probe.failures = 0
            probe.problem = nil
        } else {
            probe.failures += 1
            if probe.failures >= 2 { probe.problem = problem }
            probe.nextProbe = .now + min(.seconds(5), probeInterval)
        }
        probes[store.id] = probe
        if probe.problem != before { cache.markChanged([store.namespace.rawValue]) }
    }

    func measured(_ store: WatchedStore, _ volumes: [VolumeUsage]) {
        guard let before = probes[store.id], before.volumes != volumes else { return }
        probes[store.id]?.volumes = volumes
        cache.markChanged([store.namespace.rawValue])
    }

    private func view(of store: WatchedStore) -> NamespaceView? {
        guard let view = cache.view(of: store.namespace) else { return nil }
        guard let namespace = view.namespace else { return view }
        return namespace.metadata.storeID == store.id.rawValue ? view : nil
    }

    /// `nil` of one that need not serve and is there, and of one that `waits` until its grace is over.
    private func verdict(_ store: WatchedStore, _ view: NamespaceView?) -> (HealthVerdict?, waits: Bool) {
        guard store.isToExist else { return (nil, false) }
        let verdict =
            store.isToServe
            ? Health.verdict(of: view, namespace: store.namespace, problem: probes[store.id]?.problem, grace: grace)
            : Health.existence(of: view, namespace: store.namespace)
        guard let cause = verdict.cause else {
            unwellSince[store.id] = nil
            return (store.isToServe ? HealthVerdict(.healthy) : nil, false)
        }
        let since = unwellSince[store.id] ?? .now
        unwellSince[store.id] = since
        guard ContinuousClock.now - since >= grace.degraded else { return (nil, true) }
        return (HealthVerdict(.degraded, cause: cause, drift: verdict.drift), false)
    }
}
