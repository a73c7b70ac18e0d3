import Cluster
import StoreDomain

/// Another version of a store's chart. From the backup to the proof nobody is let in, so no order falls between what the store goes back to and what
/// it was. Once it is open, nothing goes back by itself.
extension StoreAttempt {
    mutating func upgrade(from place: UpgradePlace, toward desired: DesiredState, _ data: DataJob) async throws -> AttemptOutcome {
        let safety: Backup
        // Of what an earlier attempt closed, nobody knows here since when.
        var closedAt: ContinuousClock.Instant?
        switch place {
        case .start:
            if let reason = try await whyInPlace() {
                try await journal.event("The store is upgraded while it is open: \(reason)", .release)
                if let failure = try await backUpBeforeChange(data) { return failure }
                UpgradeCounter.ended(.inPlace)
                return try await make(desired)
            }
            closedAt = .now
            try await data.journal.closes()
            if let other = try await keepClosed(data) { return other }
            guard let taken = try await data.journal.taken(.preChange) else {
                return .failed(message: data.work.refusal("The backup is not there any more."), permanent: false)
            }
            try await data.journal.upgrades(from: taken.id)
            safety = taken
        case .installing(let taken): safety = taken
        case .goingBack(let taken): return try await returnTo(taken, data, after: known.failure ?? .notProved, nil)
        }
        let proof = try await outcome { try await $0.prove(against: safety, data) }
        switch proof {
        case .ready(_, _, nil):
            // What is sold from now on is the new version's.
            try await data.journal.opens()
            let opened = try await make(desired)
            if opened.isReady { try await tellAway(since: closedAt, .proved) }
            return opened
        case .failed(let message, let isPermanent) where isPermanent || data.isLastTry:
            return try await returnTo(safety, data, after: message, closedAt)
        case .ready(_, _, let change?): return try await returnTo(safety, data, after: change.message, closedAt)
        case .failed, .again, .gone, .relocate, .cancelled: return proof
        }
    }

    /// Why the store need not or cannot be closed for it; `nil`: it is closed.
    private func whyInPlace() async throws -> String? {
        let plan: ReleasePlan
        do { plan = try await makePlan(.shut, hasRelease: true) } catch let error as ClusterError where !error.isTransient {
            return error.message
        }
        guard plan.migrates else { return "version \(plan.spec.version.map { "\($0)" } ?? "") of its chart changes no data." }
        return try await attempt(at: known.applied).whyNotClosed()?.message
    }

    /// Backs the closed store up; where that fails, the store is opened as it was. `nil`: it is kept.
    private mutating func keepClosed(_ data: DataJob) async throws -> AttemptOutcome? {
        guard let failure = try await keep(.preChange, isClosed: true, data) else { return nil }
        let message = data.work.refusal(failure.message)
        guard data.isLastTry || failure.isPermanent else { return .failed(message: message, permanent: false) }
        if let other = try await putBack() { return other }
        try await data.journal.reopened()
        return asItWas(ChangeFailure(code: "backup-failed", message: message))
    }

    /// That the new version sells, and has what was sold.
    private mutating func prove(against safety: Backup, _ data: DataJob) async throws -> AttemptOutcome {
        let made = try await make(.shut)
        guard made.isReady else { return made }
        switch try await perform(.count(of: store.id, by: data.job), with: data) {
        case .counted(let products, let orders):
            guard let contents = safety.contents, products < contents.products || orders < contents.orders else { return made }
            cause = "data-missing"
            let message = """
                The new version has \(products) products and \(orders) orders, and the store had \(contents.products) and \(contents.orders).
                """
            return .failed(message: message, permanent: true)
        case .failed(let failure):
            cause = "not-counted"
            return .failed(message: "The products and orders could not be counted. " + failure.message, permanent: false)
        case .kept, .loaded, .exported, .done:
            cause = "not-counted"
            return .failed(message: "The task did not say what it counted.", permanent: false)
        }
    }

    private mutating func returnTo(_ safety: Backup, _ data: DataJob, after message: String, _ closedAt: ContinuousClock.Instant?)
        async throws
        -> AttemptOutcome
    {
        let failure = ChangeFailure(code: cause ?? "not-proved", message: "The new version was not proved. " + message)
        try await journal.goesBack(to: attempt(at: known.applied).store.spec, after: failure.message)
        try await journal.event("The store gets back what it had, and its version: \(message)", kind: .warning, .backup)
        return try await returnTo(safety, data, after: failure, closedAt)
    }

    private mutating func returnTo(
        _ safety: Backup,
        _ data: DataJob,
        after failure: ChangeFailure,
        _ closedAt: ContinuousClock.Instant?
    ) async throws -> AttemptOutcome {
        var before = attempt(at: known.applied)
        before.memory.isNeverEmpty = true
        let outcome = try await before.outcome { try await $0.load(.backup(safety), data, after: failure) }
        if case .ready = outcome { try await tellAway(since: closedAt, .wentBack) }
        return outcome
    }

    private func tellAway(since closedAt: ContinuousClock.Instant?, _ outcome: UpgradeCounter.Outcome) async throws {
        let away = closedAt.map { ContinuousClock.now - $0 }
        UpgradeCounter.ended(outcome, away: away)
        guard let away else { return }
        try await journal.event("For the upgrade the store was closed for \(away.components.seconds) s", .storefront)
    }
}

extension ChangeFailure {
    fileprivate static let notProved = ChangeFailure(code: "not-proved", message: "The new version was not proved.")
}
