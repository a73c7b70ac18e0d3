import Cluster
import Observation
import Provisioning
import StoreDomain
import StoreRecords

/// What the watcher knows beside the cluster's image: which stores there are, how their shops answered, and since when they are unwell.
actor WatchDesk {
    private struct Shop {
        var nextProbe: ContinuousClock.Instant
        var failures = 0
        var complaint: String?
        /// As the store said last.
        var volumes: [VolumeUsage]?
    }

    private let image: ClusterImage
    private let patience: Patience
    private let probeInterval: Duration
    private var stores: [StoreID: WatchedStore] = [:]
    private var ids: [String: StoreID] = [:]
    private var shops: [StoreID: Shop] = [:]
    private var unwellSince: [StoreID: ContinuousClock.Instant] = [:]
    private var written: [StoreID: StoreObservation] = [:]

    init(image: ClusterImage, patience: Patience, probeInterval: Duration) {
        self.image = image
        self.patience = patience
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
                shops[store.id] = nil
                continue
            }
            stores[store.id] = store
            ids[store.namespace.rawValue] = store.id
            shops[store.id] = store.status == .ready ? Shop(nextProbe: .now + probeInterval * Double.random(in: 0...1)) : nil
            image.markChanged([store.namespace.rawValue])
        }
    }

    /// All stores are looked at again, as after the cluster was out of sight.
    func lookAgainAtAll() {
        written = [:]
        image.markChanged(ids.keys)
    }

    /// What is new of these namespaces. An unwell shop stays on the list until its patience is over.
    func observations(of namespaces: [String]) -> [StoreObservation] {
        var waiting: [String] = []
        let observations = namespaces.compactMap { name -> StoreObservation? in
            guard let id = ids[name], let store = stores[id] else { return nil }
            let view = view(of: store)
            let verdict = store.status == .ready ? verdict(store, view) : nil
            if store.status == .ready, verdict == nil { waiting.append(name) }
            var snapshot = (view ?? NamespaceView()).snapshot
            snapshot.volumes = shops[id]?.volumes
            let observation = StoreObservation(store: id, snapshot: snapshot, verdict: verdict)
            return written[id] == observation ? nil : observation
        }
        if !waiting.isEmpty {
            let image = image
            Task {
                try? await Task.sleep(for: .seconds(1))
                image.markChanged(waiting)
            }
        }
        return observations
    }

    func wrote(_ observations: [StoreObservation]) {
        for observation in observations { written[observation.store] = observation }
    }

    /// Ready shops whose time it is to be asked, at most `limit`: those that have waited longest.
    func dueProbes(limit: Int) -> [(store: WatchedStore, view: NamespaceView)] {
        let now = ContinuousClock.now
        var due: [(store: WatchedStore, view: NamespaceView)] = []
        guard limit > 0 else { return due }
        for (id, _) in shops.filter({ $0.value.nextProbe <= now }).sorted(by: { $0.value.nextProbe < $1.value.nextProbe }) {
            guard due.count < limit else { break }
            guard let store = stores[id] else { continue }
            shops[id]?.nextProbe = now + probeInterval
            // One that is not whole is known to be unwell.
            if let view = view(of: store), view.isWhole { due.append((store, view)) }
        }
        return due
    }

    /// Two complaints in a row count: one may be a moment's.
    func probed(_ store: WatchedStore, complaint: String?) {
        guard var shop = shops[store.id] else { return }
        let before = shop.complaint
        if complaint == nil {
            shop.failures = 0
            shop.complaint = nil
        } else {
            shop.failures += 1
            if shop.failures >= 2 { shop.complaint = complaint }
            shop.nextProbe = .now + min(.seconds(5), probeInterval)
        }
        shops[store.id] = shop
        if shop.complaint != before { image.markChanged([store.namespace.rawValue]) }
    }

    func measured(_ store: WatchedStore, _ volumes: [VolumeUsage]) {
        guard let before = shops[store.id], before.volumes != volumes else { return }
        shops[store.id]?.volumes = volumes
        image.markChanged([store.namespace.rawValue])
    }

    private func view(of store: WatchedStore) -> NamespaceView? {
        guard let view = image.view(of: store.namespace) else { return nil }
        guard let namespace = view.namespace else { return view }
        return namespace.metadata.storeID == store.id.rawValue ? view : nil
    }

    private func verdict(_ store: WatchedStore, _ view: NamespaceView?) -> HealthVerdict? {
        let verdict = Health.verdict(
            of: view,
            namespace: store.namespace,
            complaint: shops[store.id]?.complaint,
            patience: patience
        )
        guard let cause = verdict.cause else {
            unwellSince[store.id] = nil
            return HealthVerdict(.healthy)
        }
        let since = unwellSince[store.id] ?? .now
        unwellSince[store.id] = since
        return ContinuousClock.now - since >= patience.degraded ? HealthVerdict(.degraded, cause: cause, drift: verdict.drift) : nil
    }
}
