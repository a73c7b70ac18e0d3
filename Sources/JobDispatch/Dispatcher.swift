package import JobQueue
package import Logging
import ServiceLifecycle
package import StoreDomain
package import StoreRecords
import Synchronization
import ThreadedIO

/// How a worker takes jobs.
package struct DispatcherConfiguration: Sendable {
    package var worker: String
    /// How many attempts run at once in this process.
    package var slots: Int
    package var limits: ClassLimits
    package var times: LeaseTimes
    /// How long running attempts may go on after SIGTERM.
    package var grace: Duration
    /// The longest wait for the wakeup before the queue is looked at again.
    package var poll: Duration

    package init(
        worker: String,
        slots: Int = 4,
        limits: ClassLimits = ClassLimits(),
        times: LeaseTimes = LeaseTimes(),
        grace: Duration = .seconds(20),
        poll: Duration = .seconds(2)
    ) {
        self.worker = worker
        self.slots = slots
        self.limits = limits
        self.times = times
        self.grace = grace
        self.poll = poll
    }
}

/// Takes jobs as long as there are free slots; on graceful shutdown takes no more and waits for what runs.
package final class Dispatcher: Service {
    let running = RunningAttempts()
    private let configuration: DispatcherConfiguration
    private let records: StoreRecords
    private let wakeup: QueueNotifier
    private let transitions: TransitionBatcher
    private let runner: AttemptRunner
    private let renewals = ThreadTaskExecutor(name: "renewals")
    private let draining = Mutex(false)
    private let logger: Logger

    /// `renewals`: the records over connections that nothing but renewals use, so that no query delays them.
    package init(
        configuration: DispatcherConfiguration,
        records: StoreRecords,
        renewals: StoreRecords,
        queue: JobQueue,
        handler: any JobHandler,
        logger: Logger
    ) {
        self.configuration = configuration
        self.records = records
        self.logger = logger
        wakeup = queue.wakeup()
        transitions = TransitionBatcher(
            records: records,
            queue: queue,
            worker: configuration.worker,
            times: configuration.times,
            limits: configuration.limits
        )
        runner = AttemptRunner(
            records: records,
            queue: queue,
            transitions: transitions,
            handler: handler,
            renewer: LeaseRenewer(records: renewals, queue: queue, times: configuration.times, executor: self.renewals, logger: logger),
            running: running,
            times: configuration.times,
            grace: configuration.grace,
            logger: logger
        )
    }

    deinit { renewals.stop() }

    /// How many attempts run here now.
    package var busy: Int { running.count }

    /// Whether jobs are to be taken no more; what runs goes on. True: that is news.
    @discardableResult
    package func drain(_ drains: Bool) -> Bool {
        draining.withLock { draining in
            defer { draining = drains }
            return draining != drains
        }
    }

    package func run() async throws {
        await askWhetherDraining()
        await withDiscardingTaskGroup { group in
            let slots = Slots(configuration.slots)
            var failures = 0
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                let free = await slots.free()
                if draining.withLock({ $0 }) || Task.isShuttingDownGracefully {
                    await pause(for: .milliseconds(500))
                    continue
                }
                do {
                    let outcome = try await transitions.take(atMost: free, lease: configuration.times.lease)
                    failures = 0
                    guard case .taken(let jobs) = outcome else {
                        await waitForSignal(after: outcome)
                        continue
                    }
                    for job in jobs {
                        slots.occupy()
                        group.addTask { [self] in
                            await runner.run(job)
                            slots.vacate()
                        }
                    }
                } catch {
                    failures += 1
                    // Logged once an outage, not once a look.
                    if failures == 1 { logger.warning("The queue cannot be reached", metadata: ["error": "\(error)"]) }
                    await pause(for: min(.milliseconds(100 * (1 << min(failures, 6))), .seconds(2)))
                }
            }
        }
        await wakeup.close()
    }

    /// A worker that starts while it is to drain takes nothing before it has heard so; without PostgreSQL it could claim nothing either.
    private func askWhetherDraining() async {
        var failures = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                drain(try await records.isDraining(configuration.worker))
                return
            } catch {
                failures += 1
                if failures == 1 { logger.warning("Whether this worker is drained could not be read", metadata: ["error": "\(error)"]) }
                await pause(for: .milliseconds(500))
            }
        }
    }

    private func waitForSignal(after outcome: TakeOutcome) async {
        var wait = configuration.poll
        switch outcome {
        case .empty(let due?), .capped(let due?): wait = min(wait, max(due, .milliseconds(10)))
        case .empty(nil), .capped(nil), .paused, .taken: break
        }
        let timeout = wait
        await cancelWhenGracefulShutdown { [wakeup] in
            do {
                try await wakeup.wait(timeout: timeout)
            } catch {
                // A Redis that refuses writes (a full disk, a replica) still answers the next look: without a pause they would chase each other.
                do { try await Task.sleep(for: min(timeout, .milliseconds(500))) } catch { return }
            }
        }
    }
}
