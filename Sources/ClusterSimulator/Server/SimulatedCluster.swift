internal import Logging

/// The simulated cluster on real time: answers requests, and wakes when something is due.
actor SimulatedCluster {
    private let state: ClusterState
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var sleep: (until: Duration?, wakeup: AsyncStream<Never>.Continuation)?
    private var isEnding = false
    private let onChange: (@Sendable ([UInt8]) -> Void)?

    init(_ configuration: SimulatorConfiguration) {
        start = clock.now
        onChange = configuration.onChange
        state = ClusterState(
            delays: configuration.delays,
            seed: configuration.seed,
            defaultClassGrowsVolumes: configuration.defaultClassGrowsVolumes
        )
        state.measuresPods = configuration.measuresPods
    }

    private var elapsed: Duration { clock.now - start }

    func respond(to request: APIRequest) -> APIResponse {
        state.advance(to: elapsed)
        var response = state.respond(to: request)
        if isEnding, case .stream(let stream) = response.body {
            stream.output.finish()
            response = .failure(APIFailure(code: 503, reason: "ServiceUnavailable", message: "the simulator is shutting down"))
        }
        if request.path.first != "simulator" {
            let entry = state.requests.append(request, status: response.status, at: state.date)
            if request.isChange { onChange?(entry.serialized()) }
        }
        wakeIfNeeded()
        return response
    }

    func routeIngress(host: String, _ request: StorefrontRequest) -> (served: APIResponse?, refusal: APIResponse) {
        state.advance(to: elapsed)
        defer { wakeIfNeeded() }
        return state.routeIngress(host: host, request)
    }

    /// How long the fault `latency` holds up a request.
    func latency(of request: APIRequest) -> Duration {
        guard let namespace = request.namespace,
            let fault = state.faults.strike(.latency, namespace: namespace, random: state.random())
        else { return .zero }
        return .seconds(fault.seconds)
    }

    func setFaults(_ faults: [Fault], on namespace: String) {
        state.advance(to: elapsed)
        state.setFaults(faults, on: namespace)
        wakeIfNeeded()
    }

    /// Lets time pass until the task is cancelled; sleeps while nothing is due.
    func run() async {
        while !Task.isCancelled {
            state.advance(to: elapsed)
            let (wakeups, wakeup) = AsyncStream<Never>.makeStream()
            let due = state.nextDue
            sleep = (due, wakeup)
            await withTaskGroup(of: Void.self) { group in
                if let due {
                    let instant = start + due
                    let clock = clock
                    group.addTask {
                        try? await clock.sleep(until: instant)
                        wakeup.finish()
                    }
                }
                for await _ in wakeups {}
                group.cancelAll()
            }
        }
    }

    func endWatches() {
        isEnding = true
        state.hub.endAll()
        state.followers.endAll()
    }

    private func wakeIfNeeded() {
        guard let next = state.nextDue, let sleep else { return }
        if sleep.until.map({ next < $0 }) ?? true { sleep.wakeup.finish() }
    }
}
