import Cluster
import StoreDomain

/// Loading a backup into a store. From the first write to its data until all is loaded the store does not serve, whatever becomes of the attempt.
extension StoreAttempt {
    /// Backs up what the store has now, and puts the backup in its place. Where that fails for good, the store gets back what it had.
    mutating func restore(_ backup: Backup, isBegun: Bool, _ data: DataJob) async throws -> ProvisioningOutcome {
        if let failure = known.failure {
            guard let safety = try await data.journal.taken(.preChange) else { return .failed(message: failure.message, permanent: true) }
            return try await load(safety, data, after: failure)
        }
        guard backup.contents != nil else { return .failed(message: "There is no such backup any more.", permanent: true) }
        var safety: Backup?
        if isBegun {
            safety = try await data.journal.taken(.preChange)
        } else {
            switch try await keepPresent(data) {
            case .success(let present): safety = present
            case .failure(var failure):
                failure.message = "The present state could not be backed up. " + failure.message
                return notRestored(failure, data)
            }
            // What cannot be closed is left as it is.
            if let refusal = try await whyNotClosed() { return notRestored(refusal, data) }
            try await data.journal.replaces()
        }
        // With the namespace went the Secret with the administrator's password.
        if safety == nil || backup.store != store.id { outnumber(backup) }
        let outcome = try await outcome { try await $0.load(backup, data) }
        guard case .failed(let message, let isPermanent) = outcome, isPermanent || data.isLastTry, let safety else { return outcome }
        cause = "restore-failed"
        try await journal.goesBack(to: store.spec, after: message)
        try await journal.event("The store gets back what it had: \(message)", kind: .warning, .backup)
        return try await load(safety, data, after: ChangeFailure(code: "restore-failed", message: message))
    }

    /// The dump has the password that the administrator had then: where that is not the one in the store's Secret, the store gets a new one as it opens.
    mutating func outnumber(_ backup: Backup) {
        store.spec.adminRevision = max(store.spec.adminRevision, backup.adminRevision + 1)
    }

    /// That the store's chart cannot be had, or cannot close a store, in words.
    private func whyNotClosed() async throws -> BackupFailure? {
        do {
            _ = try await makePlan(.closed, hasRelease: true)
            return nil
        } catch let error as ClusterError where !error.isTransient {
            return BackupFailure(code: "cannot-close", message: error.message)
        } catch let error as MissingChart {
            // Another worker may have it.
            return BackupFailure(code: "chart-missing", message: error.message)
        }
    }

    /// The store is as it was.
    private func notRestored(_ failure: BackupFailure, _ data: DataJob) -> ProvisioningOutcome {
        let message = "Nothing was restored. \(failure.message)"
        guard data.isLastTry || failure.isPermanent else { return .failed(message: message, permanent: false) }
        guard store.status == .ready else { return .failed(message: message, permanent: true) }
        return .ready(
            url: store.url ?? settings.addressing.url(for: store.namespace),
            engineVersion: nil,
            change: ChangeFailure(
                code: ["cannot-close", "chart-missing"].contains(failure.code) ? failure.code : "backup-failed",
                message: message
            )
        )
    }

    /// What the store has now, as a backup; `nil` where there is nothing that could be kept: the store is lost, or has failed and has no database
    /// that answers.
    private mutating func keepPresent(_ data: DataJob) async throws -> Result<Backup?, BackupFailure> {
        guard try await hasData() else {
            try await journal.event("There is no present state to back up before", kind: .warning, .backup)
            return .success(nil)
        }
        let failure = try await keep(.preChange, data)
        guard let failure else { return .success(try await data.journal.taken(.preChange)) }
        guard store.status != .ready, data.isLastTry else { return .failure(failure) }
        try await journal.event("The store has failed, and its present state could not be kept", kind: .warning, .backup)
        return .success(nil)
    }

    /// Closes the store, loads the backup, and opens the store again; where the backup is of another store, its address and accounts become this
    /// one's as it opens.
    mutating func load(_ backup: Backup, _ data: DataJob, after failure: ChangeFailure? = nil) async throws -> ProvisioningOutcome {
        switch backup.status {
        case .running: return .again(after: .seconds(3), reason: "The backup \(backup.id) is being made.")
        case .failed: return .failed(message: "The backup failed: \(backup.failure?.message ?? "")", permanent: true)
        case .done: break
        }
        guard let contents = backup.contents else { return .failed(message: "There is no such backup any more.", permanent: true) }
        let closed = try await make(.closed)
        guard closed.isReady else { return closed }
        try await journal.event("Loading the backup of \(backup.createdAt)", .backup)
        switch try await perform(.restore(backup, contents, by: data.job), with: data) {
        case .failed(let problem):
            BackupCounters.restoreEnded(problem)
            let message = "The backup could not be loaded. \(problem.message)"
            try await journal.event(message, kind: .warning, .backup)
            return .failed(message: message, permanent: problem.isPermanent)
        case .kept, .done:
            BackupCounters.restoreEnded()
            try await journal.event("Loaded \(contents.products) products and \(contents.orders) orders", .backup)
        }
        if failure == nil { try await data.journal.opens() }
        let opened = try await make(store.spec.desiredState)
        guard let change = failure, case .ready(let url, let engineVersion, nil) = opened else { return opened }
        return .ready(url: url, engineVersion: engineVersion, change: change)
    }
}
