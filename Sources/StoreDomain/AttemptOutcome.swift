/// How an attempt at a job ends: what the step says that ends it, what is settled, and what the rows of the job and its store keep.
package enum AttemptOutcome: Sendable, Equatable {
    /// The job's work is done. `change`: the store serves, but not as it was wanted. A backup leaves its store as it is.
    case ready(url: String, engineVersion: String?, change: ChangeFailure? = nil)
    /// The namespace is really gone.
    case gone
    /// `message` is for people: cause and advice. `permanent`: the same again cannot succeed. Another failure is queued again with backoff until
    /// the attempts are used up; a delete, for as long as it takes.
    case failed(message: String, permanent: Bool)
    /// Something has to pass by itself first; costs no attempt.
    case again(after: Duration, reason: String)
    /// The namespace is somebody else's: the store takes the suffixed name and is queued again; costs no attempt.
    case relocate(reason: String)
    /// The store is to be deleted, or an operator ended the job.
    case cancelled(reason: String)

    /// The attempt's task was cancelled and it stopped, its children ended.
    package static let interrupted = AttemptOutcome.again(after: .zero, reason: "its worker was stopped")
}
