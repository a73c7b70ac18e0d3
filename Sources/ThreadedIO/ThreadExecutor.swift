/// Runs the jobs of one actor on one operating-system thread that nothing else uses.
///
/// An actor on it may block (in `poll`, DNS, a TLS handshake) without holding up anybody else.
package final class ThreadExecutor: SerialExecutor {
    private let thread = JobThread()

    /// `name`: the thread's name, cut to 15 characters by Linux.
    package init(name: String) {
        thread.start(name: name) { [self] job in unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    package func enqueue(_ job: consuming ExecutorJob) { thread.enqueue(UnownedJob(job)) }

    /// Ends the thread once what is queued has run. No job may be enqueued after it.
    package func stop() { thread.stop() }
}
