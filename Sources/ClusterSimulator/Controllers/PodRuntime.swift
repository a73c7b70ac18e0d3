/// What the simulated kubelet knows of a pod beyond its object.
struct PodRuntime {
    /// Numbers are positions in `containers`: init containers first, in order.
    enum Stage: Equatable {
        case schedule
        case mount
        case pull(Int)
        case pullBackOff(Int)
        case start(Int)
        case initialise(Int)
        case warmUp
        case serve
        case crashBackOff
        case done
    }

    struct Container {
        enum State: Equatable {
            case waiting(reason: String, message: String?)
            case running(since: String)
            /// `message`: what the container wrote to its termination log.
            case terminated(exitCode: Int, reason: String, started: String, finished: String, message: String?)
        }

        let name: String
        var state = State.waiting(reason: "PodInitializing", message: nil)
        var last: State?
        var restarts = 0
        var isReady = false
        var log = ContainerLog()
    }

    var stage = Stage.schedule
    /// When the stage ends.
    var until: Duration
    var failures = 0
    var containers: [Container]
    let initCount: Int
    /// While it serves.
    var chatter: Chatter?
    var address: String
    /// Readiness probes that failed in a row.
    var failedProbes = 0
    /// The fault `nodeLost` holds.
    var isOnLostNode = false
    /// Since when a keeper task waits for the database.
    var waitsSince: Duration?
    /// The fault `interruptedSetup` struck while its last init container ran.
    var isHalfSetUp = false

    init(pod: JSONValue, until: Duration, address: String) {
        self.until = until
        self.address = address
        let initial = pod.spec["initContainers"].array
        initCount = initial.count
        containers = (initial + pod.spec["containers"].array).map { Container(name: $0["name"].string ?? "") }
        for index in initCount..<containers.count where initCount == 0 {
            containers[index].state = .waiting(reason: "ContainerCreating", message: nil)
        }
    }

    /// Lets whatever waits try again at once.
    mutating func wake() {
        switch stage {
        case .schedule, .mount, .pullBackOff, .crashBackOff, .serve: until = .zero
        case .start where failures > 0: until = .zero
        default: break
        }
    }

    mutating func log(_ text: String, _ index: Int, at time: Duration) {
        containers[index].log.append(text, restart: containers[index].restarts, at: time)
    }

    /// The next wait after a failure: doubling, up to ten times the first.
    mutating func backOff(_ base: Duration) -> Duration {
        failures += 1
        return base * min(Double(1 << min(failures - 1, 8)), 10)
    }
}
