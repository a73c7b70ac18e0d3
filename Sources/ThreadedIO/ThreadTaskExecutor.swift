/// Runs tasks that prefer it on one operating-system thread of their own, so that they go on when all other threads are busy.
package final class ThreadTaskExecutor: TaskExecutor {
    private let thread = JobThread()

    /// `name`: the thread's name, cut to 15 characters by Linux.
    package init(name: String) {
        thread.start(name: name) { [self] job in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    package func enqueue(_ job: consuming ExecutorJob) { thread.enqueue(UnownedJob(job)) }

    /// Ends the thread once what is queued has run. No task may prefer it any more.
    package func stop() { thread.stop() }
}
