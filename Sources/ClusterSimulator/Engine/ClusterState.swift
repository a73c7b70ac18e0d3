internal import Foundation

/// The whole simulated cluster: objects, controllers, faults, and a clock that others move.
///
/// It does no I/O and never waits: `advance(to:)` lets everything happen that is due by then. Confined to the actor
/// `SimulatedCluster`; tests drive it directly.
final class ClusterState {
    var objects = ObjectStore()
    var hub = WatchHub()
    var faults: FaultBook
    var requests = RequestLog()
    var pods: [String: PodRuntime] = [:]
    var followers = LogFollowers()
    /// Images that the one simulated node has.
    var images: Set<String> = []
    var eventNames: [String: String] = [:]
    /// When a Deployment's rollout last made progress, and to which ReplicaSet.
    var progress: [String: (set: String, since: Duration)] = [:]
    /// When a ReplicaSet whose pods were refused tries again, how often it has, and why they were.
    var retries: [String: (at: Duration, count: Int, failure: APIFailure)] = [:]
    var jobStarts: [String: Duration] = [:]
    var jobEnds: [String: Duration] = [:]
    /// The pods that a Job has had, but for those that succeeded: one that is gone failed.
    var jobPods: [String: Set<String>] = [:]
    /// Since when a pod or namespace has been ending.
    var terminations: [String: Duration] = [:]
    /// Since when a claim waits to be bound or to grow, or an Ingress or Service to be published.
    var claims: [String: Duration] = [:]
    /// Carts and orders of the stores, by the UIDs of the claims of their databases.
    var ledgers: [String: OrderLedger] = [:]
    var vault = SimulatedVault()
    let delays: Delays

    private(set) var now: Duration = .zero
    private(set) var revision = 1
    private let start: Date
    private var work = WorkQueue<Work>()
    private let controllers: [any Controller]
    private var counter: UInt64 = 0
    private var generator: SplitMix
    /// Whether there is a metrics server.
    var measuresPods = false

    private enum Work: Hashable {
        case reconcile(controller: Int, key: ObjectKey)
        case bookmark(Kind, watch: Int)
        case endWatch(Kind, watch: Int)
        case chatter(ObjectKey, uid: String)
    }

    init(delays: Delays = Delays(), start: Date = Date(), seed: UInt64 = 1, defaultClassGrowsVolumes: Bool = false) {
        self.delays = delays
        self.start = start
        generator = SplitMix(state: seed)
        faults = FaultBook()
        controllers = [
            NamespaceController(), GarbageCollector(), DeploymentController(), ReplicaSetController(), StatefulSetController(),
            DaemonSetController(), JobController(), PodController(), VolumeController(), EndpointsController(), PublishingController(),
            CertificateController(), QuotaController(), DisruptionController(),
        ]
        populate(defaultClassGrowsVolumes: defaultClassGrowsVolumes)
    }

    // MARK: Time

    /// When something is to happen next, if nothing changes until then.
    var nextDue: Duration? { work.next }

    /// Lets everything happen that is due by `time`.
    func advance(to time: Duration) {
        while let next = work.next, next <= time {
            now = max(now, next)
            guard let item = work.popDue(at: now) else { continue }
            perform(item)
        }
        now = max(now, time)
    }

    private func perform(_ item: Work) {
        switch item {
        case .reconcile(let index, let key):
            guard let wait = controllers[index].reconcile(key, in: self) else { return }
            work.add(item, at: now + max(wait, .milliseconds(1)))
        case .bookmark(let kind, let id):
            guard hub.bookmark(kind, id, revision: revision) else { return }
            work.add(item, at: now + .seconds(60))
        case .endWatch(let kind, let id):
            hub.end(kind, id)
        case .chatter(let key, let uid):
            guard followers.isFollowed(uid), let pod = objects[key], pod.uid == uid else { return }
            catchUp(pod)
            tellFollowers(of: uid)
            guard followers.isFollowed(uid) else { return }
            work.add(item, at: now + delays.chatter)
        }
    }

    var date: Date { date(at: now) }

    func date(at time: Duration) -> Date {
        start.addingTimeInterval(Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
    }

    var timestamp: String { timestamp(at: now) }

    /// To the second, as objects carry it.
    func timestamp(at time: Duration) -> String { date(at: time).formatted(.iso8601) }

    /// A delay as the faults of a namespace make it.
    func delay(_ path: KeyPath<Delays, Duration>, in namespace: String) -> Duration {
        faults.stretched(delays[keyPath: path], in: namespace)
    }

    // MARK: Chance

    func random() -> Double { Double.random(in: 0..<1, using: &generator) }

    func newUID() -> String {
        let high = generator.next()
        let low = generator.next()
        let digits = Array(hexadecimal(high) + hexadecimal(low))
        let parts = [digits[0..<8], digits[8..<12], ["4"] + digits[13..<16], ["a"] + digits[17..<20], digits[20..<32]]
        return parts.map { String($0) }.joined(separator: "-")
    }

    /// A suffix as `generateName` appends it.
    func newSuffix() -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<5).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// Numbers that do not repeat, for addresses.
    func newNumber() -> Int {
        counter += 1
        return Int(counter)
    }

    // MARK: Writing

    /// Stores an object under a new revision, and tells watches and controllers. Nothing is checked; a write that changes
    /// nothing is none, as on a real API server.
    @discardableResult
    func put(_ object: JSONValue, at key: ObjectKey) -> JSONValue {
        let previous = objects[key]
        if let previous, previous == object { return previous }
        revision += 1
        var object = object
        object.metadata["resourceVersion"] = .string(String(revision))
        objects.put(object, at: key)
        tell(Change(event: previous == nil ? .added : .modified, key: key, revision: revision, object: object, previous: previous))
        return object
    }

    func erase(_ key: ObjectKey) {
        guard let previous = objects[key] else { return }
        forget(previous.uid)
        revision += 1
        objects.remove(key)
        var object = previous
        object.metadata["resourceVersion"] = .string(String(revision))
        tell(Change(event: .deleted, key: key, revision: revision, object: object, previous: previous))
    }

    private func forget(_ uid: String) {
        pods[uid] = nil
        tellFollowers(of: uid)
        progress[uid] = nil
        jobStarts[uid] = nil
        retries[uid] = nil
        jobEnds[uid] = nil
        jobPods[uid] = nil
        terminations[uid] = nil
        claims[uid] = nil
        ledgers[uid] = nil
    }

    private func tell(_ change: Change) {
        hub.publish(change)
        for (index, controller) in controllers.enumerated() {
            for key in controller.concerned(by: change, in: self) {
                work.add(.reconcile(controller: index, key: key), at: now + delays.control)
            }
        }
    }

    /// Lets the controllers of a namespace look at everything again, because its faults changed.
    func reconsider(namespace: String?) {
        for kind in [Kind.pods, .replicasets, .statefulsets, .jobs, .namespaces, .persistentvolumeclaims, .ingresses] {
            for object in objects.list(kind) where namespace == nil || object.namespace == namespace || object.name == namespace {
                let key = ObjectKey(kind, object.namespace, object.name)
                if kind == .pods { pods[object.uid]?.wake() }
                retries[object.uid] = nil
                for (index, controller) in controllers.enumerated() where controller.kind == kind {
                    work.add(.reconcile(controller: index, key: key), at: now)
                }
            }
        }
    }

    func follow(_ follower: LogFollower, _ pod: JSONValue) {
        followers.add(follower, of: pod.uid)
        work.add(.chatter(ObjectKey(.pods, pod.namespace, pod.name), uid: pod.uid), at: now + delays.chatter)
    }

    /// - Parameter timeout: after which the watch ends by itself.
    func open(_ watch: Watch, timeout: Duration?, wantsBookmarks: Bool) {
        let id = hub.add(watch)
        if let timeout { work.add(.endWatch(watch.kind, watch: id), at: now + timeout) }
        if wantsBookmarks { work.add(.bookmark(watch.kind, watch: id), at: now + .seconds(60)) }
    }
}
