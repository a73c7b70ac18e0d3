import Cluster
import StoreDomain

/// Loading a backup into a store. From the first write to its data until all is loaded the store does not serve, whatever becomes of the attempt.
extension StoreAttempt {
    /// Closes the store, backs up what it has, and puts the backup in its place. Where that fails for good, the store gets back what it had.
    mutating func restore(_ backup: Backup, isBegun: Bool, _ data: DataJob) async throws -> AttemptOutcome {
        if let failure = known.failure {
            guard let safety = try await data.journal.taken(.preChange) else { return .failed(message: failure.message, permanent: true) }
            return try await load(.backup(safety), data, after: failure)
        }
        guard backup.contents != nil else { return .failed(message: "There is no such backup any more.", permanent: true) }
        var safety: Backup?
        if isBegun {
            safety = try await data.journal.taken(.preChange)
        } else {
            // What cannot be closed is left as it is.
            if let refusal = try await whyNotClosed() { return try await notRestored(refusal, data) }
            try await data.journal.closes()
            switch try await keepPresent(data) {
            case .success(let present): safety = present
            case .failure(var failure):
                failure.message = "The present state could not be backed up. " + failure.message
                if store.status == .ready {
                    if let other = try await putBack() { return other }
                    try await data.journal.reopened()
                }
                return try await notRestored(failure, data)
            }
            try await data.journal.replaces()
        }
        // With the namespace went the Secret with the administrator's password.
        if safety == nil || backup.store != store.id { outnumber(.backup(backup)) }
        let outcome = try await outcome { try await $0.load(.backup(backup), data) }
        guard case .failed(let message, let isPermanent) = outcome, isPermanent || data.isLastTry, let safety else { return outcome }
        cause = "restore-failed"
        try await journal.goesBack(to: store.spec, after: message)
        try await journal.event("The store gets back what it had: \(message)", kind: .warning, .backup)
        return try await load(.backup(safety), data, after: ChangeFailure(code: "restore-failed", message: message))
    }

    /// The dump has the password that the administrator had then: where that is not the one in the store's Secret, the store gets a new
    /// one as it opens.
    mutating func outnumber(_ source: StoredData) {
        store.spec.adminRevision = max(store.spec.adminRevision, source.adminRevision + 1)
    }

    /// That the store's chart cannot be had, or cannot close a store, in words.
    func whyNotClosed() async throws -> BackupFailure? {
        do {
            _ = try await makePlan(.closed, hasRelease: true)
            return nil
        } catch let error as ClusterError where !error.isTransient {
            return BackupFailure(code: "cannot-close", message: error.message)
        } catch let error as MissingChart {
            // Another worker may have it.
            return BackupFailure(code: MissingChart.code, message: error.message)
        }
    }

    /// The store is as it was.
    private mutating func notRestored(_ failure: BackupFailure, _ data: DataJob) async throws -> AttemptOutcome {
        let message = data.work.refusal(failure.message)
        guard data.isLastTry || failure.isPermanent else { return .failed(message: message, permanent: false) }
        guard store.status == .ready else { return .failed(message: message, permanent: true) }
        let code = ["cannot-close", "chart-missing"].contains(failure.code) ? failure.code : "backup-failed"
        return asItWas(ChangeFailure(code: code, message: message))
    }

    /// What the store has now, as a backup; `nil` where there is nothing that could be kept: the store is lost, or has failed and has no database
    /// that answers.
    private mutating func keepPresent(_ data: DataJob) async throws -> Result<Backup?, BackupFailure> {
        guard try await hasData() else {
            try await journal.event("There is no present state to back up before", kind: .warning, .backup)
            return .success(nil)
        }
        let failure = try await keep(.preChange, isClosed: true, data)
        guard let failure else { return .success(try await data.journal.taken(.preChange)) }
        guard store.status != .ready, data.isLastTry else { return .failure(failure) }
        try await journal.event("The store has failed, and its present state could not be kept", kind: .warning, .backup)
        return .success(nil)
    }

    /// Closes the store, loads what it is to have, and opens the store again; where that is another store's, its address and accounts become this
    /// one's as it opens.
    mutating func load(_ source: StoredData, _ data: DataJob, after failure: ChangeFailure? = nil) async throws -> AttemptOutcome {
        let task: KeeperTask
        switch source {
        case .backup(let backup):
            switch backup.status {
            case .running: return .again(after: .seconds(3), reason: "The backup \(backup.id) is being made.")
            case .failed: return .failed(message: "The backup failed: \(backup.failure?.message ?? "")", permanent: true)
            case .done: break
            }
            guard let contents = backup.contents else { return .failed(message: "There is no such backup any more.", permanent: true) }
            task = .restore(backup, contents, by: data.job)
            try await journal.event("Loading the backup of \(backup.createdAt)", .backup)
        case .archive(let archive):
            task = .load(archive, into: store.id, by: data.job)
            guard settings.keeper?.token(.archive(archive.id), .read) != nil else {
                return .failed(message: BackupFailure.noExports.message, permanent: false)
            }
            try await journal.event("Loading an archive of \(archive.bytes >> 20) MiB", .backup)
        }
        let closed = try await make(.closed)
        guard closed.isReady else { return closed }
        switch try await perform(task, with: data) {
        case .failed(let problem):
            BackupCounters.restoreEnded(problem)
            let message = DataWork.load(source).refusal(problem.message)
            try await journal.event(message, kind: .warning, .backup)
            if problem.isTheBackups { try await data.journal.isUnrestorable(message) }
            return .failed(message: message, permanent: problem.isPermanent)
        case .loaded(let products, let orders):
            BackupCounters.restoreEnded()
            try await journal.event("Loaded \(products) products and \(orders) orders", .backup)
            if case .backup(let backup) = source, let contents = backup.contents, !contents.admits(products: products, orders: orders) {
                let message =
                    "The backup was taken of \(contents.products) products and \(contents.orders) orders, and has \(products) and \(orders)."
                if store.isVerification {
                    try await data.journal.isUnrestorable(message)
                    return .failed(message: message, permanent: true)
                }
                try await journal.event(message, kind: .warning, .backup)
            }
        case .kept, .counted, .exported, .done:
            return .failed(message: DataWork.load(source).refusal("The task did not say what it loaded."), permanent: false)
        }
        if failure == nil { try await data.journal.opens() } else { try await data.journal.isBack() }
        let opened = try await make(store.spec.desiredState)
        guard let change = failure, case .ready(let url, let engineVersion, nil) = opened else { return opened }
        return .ready(url: url, engineVersion: engineVersion, change: change)
    }
}
