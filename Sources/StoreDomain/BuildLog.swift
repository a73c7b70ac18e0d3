package import struct Foundation.Date

/// What an attempt is about when it says something.
package enum BuildStage: String, Sendable, Codable, CaseIterable {
    case namespace
    case secrets
    /// Helm's part.
    case release
    /// Pods, volumes, databases on their way to readiness.
    case workloads
    /// The store itself, asked as a customer would.
    case storefront
    /// The store's data, kept or loaded.
    case backup
    case removal
}

package enum BuildSource: String, Sendable, Codable {
    case worker
    case helm
}

/// One line of an attempt's build log.
package struct BuildLine: Sendable, Equatable {
    /// Grows within a store.
    package var id: Int64
    package var at: Date
    /// The attempt, by its fence.
    package var attempt: Int64
    package var stage: BuildStage?
    package var source: BuildSource
    package var kind: StoreEvent.Kind
    package var text: String

    package init(id: Int64, at: Date, attempt: Int64, stage: BuildStage?, source: BuildSource, kind: StoreEvent.Kind, text: String) {
        self.id = id
        self.at = at
        self.attempt = attempt
        self.stage = stage
        self.source = source
        self.kind = kind
        self.text = text
    }
}

/// One attempt at a job, as it is kept.
package struct AttemptRecord: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case succeeded
        case failed
        case cancelled
        /// Given back without counting: its worker was drained, or something had to pass first.
        case handedBack = "handed-back"
        /// Its worker fell silent.
        case vanished
    }

    /// The fence's number: higher is newer.
    package var id: Int64
    package var job: JobID
    package var kind: JobKind
    /// Which attempt at the job it was, from 1.
    package var number: Int
    package var worker: String?
    package var startedAt: Date
    package var endedAt: Date?
    /// `nil` while it runs.
    package var outcome: Outcome?
    package var message: String?
    package var cause: String?
    /// JSON, as the cluster said it.
    package var evidence: String?

    package init(
        id: Int64,
        job: JobID,
        kind: JobKind,
        number: Int,
        worker: String?,
        startedAt: Date,
        endedAt: Date? = nil,
        outcome: Outcome? = nil,
        message: String? = nil,
        cause: String? = nil,
        evidence: String? = nil
    ) {
        self.id = id
        self.job = job
        self.kind = kind
        self.number = number
        self.worker = worker
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.message = message
        self.cause = cause
        self.evidence = evidence
    }
}
