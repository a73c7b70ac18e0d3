import Cluster
import ClusterSimulator
import Foundation
import Logging
import StoreDomain
import Synchronization
import TestSupport
import Testing

@testable import Observation

/// The cache of a simulated cluster, as the watcher keeps it.
@Suite struct ReflectorTests {
    private let namespace: StoreNamespace

    init() throws { namespace = .preferred(for: try StoreName("Acme")) }

    private struct Watching: Sendable {
        let kubernetes: KubernetesClient
        let cache: ClusterCache
        let connectivity: WatchConnectivity

        func create(_ collection: String, _ kind: String, _ name: String, labels: [String: JSON], spec: JSON = [:]) async throws {
            let metadata: JSON = ["name": .string(name), "labels": .object(labels)]
            try await post(collection, ["apiVersion": "v1", "kind": .string(kind), "metadata": metadata, "spec": spec])
        }

        /// A connection that was cut with the watches may still be taken for a good one: then once more.
        func post(_ path: String, _ object: JSON = [:]) async throws {
            while true {
                do {
                    _ = try await kubernetes.create(path, object, under: NoLease())
                    return
                } catch let error as ClusterError where error.code == .unreachable {}
            }
        }

        /// Ends every watch.
        func cut() async throws { try await post("/simulator/disconnect") }

        /// Waits until the cache is as it should be.
        func until(_ what: String, _ isSo: (ClusterCache) -> Bool) async throws {
            let end = ContinuousClock.now + .seconds(200)
            while !isSo(cache) {
                guard ContinuousClock.now < end else {
                    Issue.record("waited in vain for \(what)")
                    return
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        /// How often a collection over all namespaces was asked for, by `watch` or not.
        func asked(watches: Bool) async throws -> Int {
            let requests = try await kubernetes.get("/simulator/requests?limit=5000")?["requests"].items ?? []
            return requests.filter { request in
                let path = request["path"].string ?? ""
                // A look at where the server is asks for one object.
                return request["method"].string == "GET" && path.contains("watch=") == watches && !path.hasSuffix("limit=1")
                    && ["/namespaces?", "/pods?", "/services?"].contains { path.contains($0) }
            }.count
        }
    }

    private struct NoLease: Lease {
        let fence = Fence(number: 1, attemptID: "0123456789abcdef0123456789abcdef")
        func confirm() throws(LeaseLost) {}
        func renewals() -> AsyncStream<UInt64> { AsyncStream { $0.finish() } }
    }

    private func watching(_ body: @Sendable @escaping (Watching) async throws -> Void) async throws {
        try await withSimulator { simulator in
            let file = FileManager.default.temporaryDirectory.appending(path: "reflector-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            try await simulator.kubeconfig().write(toFile: file, atomically: true, encoding: .utf8)
            let kubernetes = try KubernetesClient(configuration: KubernetesConfiguration(kubeconfig: file))
            let watching = Watching(kubernetes: kubernetes, cache: ClusterCache(), connectivity: WatchConnectivity())
            let following = Task {
                await watching.cache.follow(kubernetes, connectivity: watching.connectivity, logger: Logger(label: "tests"))
            }
            let result: Result<Void, any Error>
            do {
                try await watching.until("the first lists") { $0.isComplete }
                result = .success(try await body(watching))
            } catch { result = .failure(error) }
            following.cancel()
            await following.value
            try await kubernetes.close()
            try result.get()
        }
    }

    private var ours: [String: JSON] { [StoreLabels.managedBy: .string(StoreLabels.manager), StoreLabels.storeID: "a00000000001"] }

    private func makeNamespace(_ cluster: Watching) async throws {
        try await cluster.create("/api/v1/namespaces", "Namespace", namespace.rawValue, labels: ours)
        try await cluster.until("the namespace") { $0.view(of: namespace)?.namespace != nil }
    }

    private func makeService(_ name: String, _ cluster: Watching, labels: [String: JSON]? = nil) async throws {
        try await cluster.create(
            "/api/v1/namespaces/\(namespace)/services",
            "Service",
            name,
            labels: labels ?? ours,
            spec: ["ports": .array([["port": .integer(80)]])]
        )
    }

    @Test("objects of ours come and go, and their namespaces are told as changed; those of others are not seen") func comingAndGoing()
        async throws
    {
        try await watching { cluster in
            try await cluster.create("/api/v1/namespaces", "Namespace", "store-foreign", labels: [:])
            try await makeNamespace(cluster)
            try await makeService("foreign", cluster, labels: [:])
            try await makeService("store", cluster)
            try await cluster.until("the service") { $0.view(of: namespace)?.services.keys.contains("store") == true }
            #expect(cluster.cache.view(of: namespace)?.services.keys.sorted() == ["store"])
            #expect(cluster.cache.takeChanged(limit: 10) == [namespace.rawValue])
            #expect(cluster.cache.takeChanged(limit: 10).isEmpty)
            let path = "/api/v1/namespaces/\(namespace)/services/store"
            let uid = try #require(try await cluster.kubernetes.get(path)?.uid)
            try await cluster.kubernetes.delete(path, uid: uid, under: NoLease())
            try await cluster.until("its end") { $0.view(of: namespace)?.services.isEmpty == true }
            #expect(cluster.cache.takeChanged(limit: 10) == [namespace.rawValue])
        }
    }

    @Test("a watch that was cut goes on where it was, without a list; one whose place is forgotten lists anew") func resuming() async throws
    {
        try await watching { cluster in
            try await makeNamespace(cluster)
            let lists = try await cluster.asked(watches: false)
            try await cluster.cut()
            try await makeService("while-away", cluster)
            try await cluster.until("what was made meanwhile") { $0.view(of: namespace)?.services["while-away"] != nil }
            #expect(try await cluster.asked(watches: false) == lists)
            try await cluster.until("all kinds to be in sight") { _ in cluster.connectivity.lostFor == nil }
            // Everything up to now is forgotten while nobody watches.
            try await makeService("forgotten", cluster)
            try await cluster.post("/simulator/compact")
            try await cluster.cut()
            try await makeService("later", cluster)
            try await cluster.until("all of it") {
                Set(["while-away", "forgotten", "later"]).isSubset(of: $0.view(of: namespace)?.services.keys.map { $0 } ?? [])
            }
        }
    }

    @Test("a server that comes back at an earlier place, as after a restore, is listed anew") func restored() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "reflector-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let later = StoreNamespace.preferred(for: try StoreName("Later"))
        var configuration = SimulatorConfiguration()
        configuration.port = try freePort()
        let (watching, following) = try await withSimulator(configuration) { simulator in
            try await simulator.kubeconfig().write(toFile: file, atomically: true, encoding: .utf8)
            let kubernetes = try KubernetesClient(configuration: KubernetesConfiguration(kubeconfig: file))
            let watching = Watching(kubernetes: kubernetes, cache: ClusterCache(), connectivity: WatchConnectivity())
            let following = Task {
                await watching.cache.follow(kubernetes, connectivity: watching.connectivity, logger: Logger(label: "tests"))
            }
            // Far beyond where the one that comes back will be.
            for number in 1...60 { try await watching.create("/api/v1/namespaces", "Namespace", "store-n\(number)", labels: ours) }
            try await makeNamespace(watching)
            return (watching, following)
        }
        try await withSimulator(configuration) { _ in
            try await watching.create("/api/v1/namespaces", "Namespace", later.rawValue, labels: ours)
            try await watching.until("what is there now, and no more") { $0.view(of: later) != nil && $0.view(of: namespace) == nil }
        }
        following.cancel()
        await following.value
        try await watching.kubernetes.close()
    }

    @Test("there are as many watches with forty namespaces as with one") func constantWatches() async throws {
        try await watching { cluster in
            func watches() async throws -> Int { try await cluster.kubernetes.get("/simulator")?["watches"].int ?? -1 }
            try await makeNamespace(cluster)
            let before = try await watches()
            #expect(before == ObservedKind.allCases.count)
            let others = try (1...40).map { StoreNamespace.preferred(for: try StoreName("n\($0)")) }
            for other in others { try await cluster.create("/api/v1/namespaces", "Namespace", other.rawValue, labels: ours) }
            try await cluster.until("all of them") { cache in others.allSatisfy { cache.view(of: $0) != nil } }
            #expect(try await watches() == before)
        }
    }

    @Test("a cluster that cannot be reached is said to be out of sight, since when, and until it is back") func outOfSight() {
        let connectivity = WatchConnectivity()
        #expect(connectivity.lostFor == nil)
        connectivity.lost(.pods)
        connectivity.lost(.services)
        connectivity.made(.pods)
        #expect(connectivity.lostFor.map { $0 >= .zero } == true)
        connectivity.made(.services)
        #expect(connectivity.lostFor == nil)
    }

    @Test("before every kind was listed, absence means nothing") func incomplete() {
        let cache = ClusterCache()
        cache.replace(namespaces: [])
        #expect(!cache.isComplete)
    }
}
