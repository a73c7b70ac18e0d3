import DequeModule
import Dispatch
import Foundation
import Synchronization

/// Runs the jobs of one actor on one operating-system thread that nothing else uses.
///
/// An actor on it may block (in `poll`, DNS, a TLS handshake) without holding up anybody else.
package final class ThreadExecutor: SerialExecutor {
    private let jobs = Mutex<Deque<UnownedJob>>([])
    private let ready = DispatchSemaphore(value: 0)

    /// `name`: the thread's name, cut to 15 characters by Linux.
    package init(name: String) {
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.stackSize = 512 * 1024
        thread.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        ready.signal()
    }

    /// Ends the thread once what is queued has run. No job may be enqueued after it.
    package func stop() { ready.signal() }

    private func run() {
        while true {
            ready.wait()
            guard let job = jobs.withLock({ $0.popFirst() }) else { return }
            unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }
}
