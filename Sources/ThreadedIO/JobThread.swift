import DequeModule
import Dispatch
import Foundation
import Synchronization

/// An operating-system thread that runs jobs one after the other, in the order in which they came.
final class JobThread: Sendable {
    private let jobs = Mutex<Deque<UnownedJob>>([])
    private let ready = DispatchSemaphore(value: 0)

    /// `name`: cut to 15 characters by Linux. `execute` runs one job to its next suspension.
    func start(name: String, execute: @escaping @Sendable (UnownedJob) -> Void) {
        let thread = Thread { [self] in
            while true {
                ready.wait()
                guard let job = jobs.withLock({ $0.popFirst() }) else { return }
                execute(job)
            }
        }
        thread.name = name
        thread.stackSize = 512 * 1024
        thread.start()
    }

    func enqueue(_ job: UnownedJob) {
        jobs.withLock { $0.append(job) }
        ready.signal()
    }

    /// Ends the thread once what is queued has run.
    func stop() { ready.signal() }
}
