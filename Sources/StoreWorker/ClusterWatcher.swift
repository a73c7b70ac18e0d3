package import Cluster
import Foundation
package import Logging
package import Observation
import Provisioning
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Watches all namespaces of ours, one worker at a time, and writes what it sees of each store to PostgreSQL.
///
/// The right to write is a term of the role `watch`: a watcher that was frozen finds another term begun, and nothing that it
/// saw is taken any more. When it dies, another worker begins within `lease` and `interval`.
package struct ClusterWatcher: Service {
    package struct Configuration: Sendable {
        package var grace: GracePeriods
        /// How often a ready store is asked for its catalogue.
        package var probeInterval: Duration
        /// How long the cluster may be out of sight before no store is called healthy any more.
        package var staleAfter: Duration = .seconds(20)
        /// How long a watcher that fell silent keeps the role, and how often others ask for it.
        package var lease: Duration = .seconds(12)
        package var interval: Duration = .seconds(3)

        package init(grace: GracePeriods, probeInterval: Duration) {
            self.grace = grace
            self.probeInterval = probeInterval
        }
    }

    private let configuration: Configuration
    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let holder: String
    private let logger: Logger

    package init(configuration: Configuration, records: StoreRecords, kubernetes: KubernetesClient, worker: String, logger: Logger) {
        self.configuration = configuration
        self.records = records
        self.kubernetes = kubernetes
        // Two processes of one name, of which one is frozen, are two holders.
        holder = "\(worker)/\(UUID().uuidString.prefix(8).lowercased())"
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if let number = try await records.term(of: .watch, holder: holder, for: configuration.lease) {
                        await watch(WatchTerm(holder: holder, number: number))
                    }
                } catch {
                    logger.debug("The watch could not be asked for", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: configuration.interval) } catch { return }
            }
        }
        do { try await records.release(.watch, holder: holder) } catch {
            logger.debug("The watch could not be given back; it lapses", metadata: ["error": "\(error)"])
        }
    }

    /// Until the term is over or the task is cancelled.
    private func watch(_ term: WatchTerm) async {
        logger.notice("This worker watches the cluster", metadata: ["term": "\(term.number)"])
        let cache = ClusterCache()
        let connectivity = WatchConnectivity()
        let times = ResponseTimes()
        let tracker = HealthTracker(cache: cache, grace: configuration.grace, probeInterval: configuration.probeInterval)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await cache.follow(kubernetes, connectivity: connectivity, logger: logger) }
            group.addTask { await write(from: cache, tracker, connectivity, under: term) }
            group.addTask { await probe(tracker, connectivity, times) }
            group.addTask { await write(times) }
            group.addTask { await keep(term) }
            // Whichever ends first ends all: each works for as long as the term.
            await group.next()
            group.cancelAll()
        }
        logger.notice("This worker no longer watches the cluster", metadata: ["term": "\(term.number)"])
    }

    /// Renews the term; returns when it is lost, or not renewed for so long that it may be.
    private func keep(_ term: WatchTerm) async {
        var renewed = ContinuousClock.now
        while ContinuousClock.now - renewed < configuration.lease {
            do { try await Task.sleep(for: configuration.interval) } catch { return }
            let asked = ContinuousClock.now
            do {
                guard try await records.term(of: .watch, holder: holder, for: configuration.lease) == term.number else { return }
                renewed = asked
            } catch {
                logger.debug("The watch could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func write(from cache: ClusterCache, _ tracker: HealthTracker, _ connectivity: WatchConnectivity, under term: WatchTerm) async {
        await withTaskGroup(of: Void.self) { group in
            // What no watch tells: stores that were made or became ready, and that the cluster is out of sight, or in sight again.
            group.addTask {
                await records.listen(to: .changes, logger: logger) { news in
                    switch news {
                    case .resynchronise, .store: cache.wake()
                    default: break
                    }
                }
            }
            group.addTask {
                var (wasLost, quiet) = (false, 0)
                while !Task.isCancelled {
                    let isLost = connectivity.lostFor != nil
                    quiet += 1
                    // Now and then all the same: news on a connection that died in silence is missed for as long as nobody notices.
                    if isLost || wasLost || quiet >= 15 {
                        cache.wake()
                        quiet = 0
                    }
                    wasLost = isLost
                    do { try await Task.sleep(for: .seconds(1)) } catch { return }
                }
            }
            var cursor: ChangeCursor?
            var isStale = false
            for await _ in cache.changes {
                if Task.isCancelled { break }
                do {
                    let changed = try await records.watchedStores(since: cursor)
                    await tracker.learn(changed.stores)
                    cursor = changed.cursor
                    if let lostFor = connectivity.lostFor, lostFor >= configuration.staleAfter {
                        let cause = "Health unknown: cluster unreachable."
                        if !isStale { try await records.markHealthUnknown(cause: cause, under: term) }
                        isStale = true
                    } else if cache.isComplete {
                        if isStale, connectivity.lostFor == nil {
                            isStale = false
                            await tracker.lookAgainAtAll()
                        }
                        if !isStale { try await writeChanges(cache, tracker, under: term) }
                    }
                } catch is LeaseLost {
                    break
                } catch {
                    logger.debug("What was seen could not be written", metadata: ["error": "\(error)"])
                    do { try await Task.sleep(for: .seconds(1)) } catch { break }
                    cache.wake()
                }
                // Changes come in swarms: those of the next moment go into one write.
                do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
            }
            group.cancelAll()
        }
    }

    /// How fast stores answered, every few probes. What was taken and could not be written is lost until the store answers again.
    private func write(_ times: ResponseTimes) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: min(.seconds(300), configuration.probeInterval * 5)) } catch { return }
            do {
                for hour in await times.take() { try await records.note(hour.responses, at: hour.at) }
            } catch {
                logger.debug("How stores answered could not be written", metadata: ["error": "\(error)"])
            }
        }
    }

    private func writeChanges(_ cache: ClusterCache, _ tracker: HealthTracker, under term: WatchTerm) async throws {
        while true {
            let names = cache.takeChanged(limit: 200)
            if names.isEmpty { return }
            let observations = await tracker.observations(of: names)
            do {
                for refused in try await records.observe(observations, under: term) {
                    logger.warning(
                        "PostgreSQL refuses what was seen of a store",
                        metadata: ["store": "\(refused.store)", "error": "\(refused.error)"]
                    )
                }
            } catch {
                cache.markChanged(names)
                throw error
            }
            await tracker.wrote(observations)
        }
    }

    /// How many stores are asked at once. Each answer is read to its bound, so these are bounded, too.
    private static let probes = 16

    /// Asks the stores that are due. One that is slow to answer keeps its own place and nobody else's.
    private func probe(_ tracker: HealthTracker, _ connectivity: WatchConnectivity, _ times: ResponseTimes) async {
        let free = Free(Self.probes)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do { try await Task.sleep(for: .milliseconds(250)) } catch { break }
                guard connectivity.lostFor == nil else { continue }
                for (store, view) in await tracker.dueProbes(limit: free.count) {
                    guard let storefront = Storefront(store.engine, in: store.namespace, view: view, kubernetes: kubernetes) else {
                        continue
                    }
                    free.take()
                    group.addTask {
                        defer { free.returnPlace() }
                        do {
                            let asked = ContinuousClock.now
                            let problem = try await storefront.catalogueProblem(needsProduct: false)
                            if problem == nil { await times.add(store.id, ContinuousClock.now - asked, at: Date()) }
                            await tracker.probed(store, problem: problem)
                            if problem == nil, let volumes = await storefront.volumeUsage() { await tracker.measured(store, volumes) }
                        } catch {
                            // Cancelled: the term is over.
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }
}

/// How many places are free.
private final class Free: Sendable {
    private let places: Atomic<Int>

    init(_ places: Int) { self.places = Atomic(places) }

    var count: Int { places.load(ordering: .relaxed) }
    func take() { places.subtract(1, ordering: .relaxed) }
    func returnPlace() { places.add(1, ordering: .relaxed) }
}
