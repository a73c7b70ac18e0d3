package import StoreDomain

/// Why a store is not as it should be: a cause that programs know, and words for people.
package struct Diagnosis: Sendable, Equatable {
    package enum Cause: String, Sendable, CaseIterable {
        case namespaceTerminating = "namespace-terminating"
        case nodeLost = "node-lost"
        case registryLimit = "registry-limit"
        case imagePull = "image-pull"
        case missingReference = "missing-reference"
        case containerConfiguration = "container-configuration"
        case outOfMemory = "out-of-memory"
        case crashLoop = "crash-loop"
        case evicted
        case volumeNotBound = "volume-not-bound"
        case volumeNotMounted = "volume-not-mounted"
        case unschedulable
        case quota
        case podSecurity = "pod-security"
        case limitRange = "limit-range"
        case podRefused = "pod-refused"
        case jobFailed = "job-failed"
        case progressDeadline = "progress-deadline"
        case notReady = "not-ready"
        case ingressUnserved = "ingress-unserved"
        case certificate
        // What is found without a look at the namespace's objects.
        case dataLost = "data-lost"
        case storeUnserved = "store-unserved"
        case timeLimit = "time-limit"
        case helmConflict = "helm-conflict"
        case helmForbidden = "helm-forbidden"
        case helmChart = "helm-chart"
        case helm
        case cluster
    }

    package var cause: Cause
    /// What is the case, with the names of what it is about.
    package var what: String
    /// What to do about it.
    package var advice: String
    /// The container whose log tells more.
    package var container: PodContainer?

    package init(cause: Cause, what: String, advice: String, container: PodContainer? = nil) {
        self.cause = cause
        self.what = what
        self.advice = advice
        self.container = container
    }

    package var text: String { "\(what) \(advice)" }

    /// The most telling one of everything that is wrong in the namespace.
    package static func first(in view: NamespaceView, grace: GracePeriods = GracePeriods()) -> Diagnosis? {
        first(in: view, grace: grace, among: table)
    }

    static func first(in view: NamespaceView, grace: GracePeriods, among rows: [Row]) -> Diagnosis? {
        for row in rows {
            if let finding = row.find(view, grace) {
                return Diagnosis(cause: row.cause, what: finding.what, advice: row.advice, container: finding.container)
            }
        }
        return nil
    }
}

/// What counts as a problem, and how long a state that may pass by itself is watched before it fails an attempt.
package struct GracePeriods: Sendable, Equatable {
    package var imagePull: Duration = .seconds(120)
    package var configuration: Duration = .seconds(60)
    package var unschedulable: Duration = .seconds(180)
    /// A quota, a LimitRange or Pod Security that refuses pods.
    package var refusal: Duration = .seconds(60)
    package var volume: Duration = .seconds(180)
    /// How long a store whose pods are well may serve nothing before its app is started anew.
    package var unserved: Duration = .seconds(20)
    /// Restarts of one container in a crash loop.
    package var crashes = 5
    /// How long a ready store may be unwell before it is called degraded: a pod that is replaced is no news.
    package var degraded: Duration = .seconds(10)
    /// Whether an Ingress without an address, or without its certificate, is problem: not where no controller writes the one, or another
    /// certificate serves.
    package var needsAddress = true
    package var needsCertificate = true

    package init() {}

    /// `nil`: it explains why a store is late, and fails none by itself.
    package func limit(for cause: Diagnosis.Cause) -> Duration? {
        switch cause {
        case .imagePull, .registryLimit: imagePull
        case .missingReference, .containerConfiguration: configuration
        case .outOfMemory, .crashLoop, .jobFailed: .zero
        case .volumeNotBound, .volumeNotMounted: volume
        case .unschedulable: unschedulable
        case .quota, .podSecurity, .limitRange, .podRefused: refusal
        case .namespaceTerminating, .nodeLost, .evicted, .progressDeadline, .notReady, .ingressUnserved, .certificate, .dataLost,
            .storeUnserved,
            .timeLimit, .helmConflict, .helmForbidden,
            .helmChart, .helm, .cluster:
            nil
        }
    }
}
