import CoreMetrics
import Metrics
import StoreDomain
import StoreRecords

/// What is counted of attempts.
struct AttemptMetrics {
    private let claim: Claim
    private let begin = ContinuousClock.now

    /// To be made when the attempt begins.
    init(_ claim: Claim) {
        self.claim = claim
        Timer(label: "storeweaver_job_wait_seconds", dimensions: [("kind", claim.descriptor.kind.rawValue)]).record(duration: claim.waited)
    }

    /// `outcome`: a word of few.
    func ended(_ outcome: String) {
        let dimensions = [("kind", claim.descriptor.kind.rawValue), ("engine", claim.store.engine.rawValue), ("outcome", outcome)]
        Timer(label: "storeweaver_attempt_seconds", dimensions: dimensions).record(duration: .now - begin)
    }
}

extension AttemptOutcome {
    /// Its kind, without what it says.
    var word: String {
        switch self {
        case .ready: "ready"
        case .gone: "gone"
        case .failed(_, let permanent): permanent ? "failed" : "failed-for-now"
        case .again: "handed-back"
        case .relocate: "relocated"
        case .cancelled: "cancelled"
        }
    }
}
