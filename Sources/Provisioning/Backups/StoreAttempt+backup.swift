import Cluster
import StoreDomain

/// Taking backups: asked for, by night, and before what may lose data.
extension StoreAttempt {
    mutating func work(_ data: DataJob, toward desired: DesiredState) async throws -> ProvisioningOutcome {
        switch data.work {
        case .backUp(let kind): return try await backUp(kind, data)
        case .restore(let backup, let isBegun): return try await restore(backup, isBegun: isBegun, data)
        case .load(let backup):
            outnumber(backup)
            return try await load(backup, data)
        case .backUpBeforeChange:
            if let failure = try await backUpBeforeChange(data) { return failure }
            return try await make(desired)
        case .backUpBeforeRemoval:
            if let failure = try await backUpBeforeRemoval(data) { return failure }
            return try await make(.gone)
        }
    }

    private mutating func backUp(_ kind: BackupKind, _ data: DataJob) async throws -> ProvisioningOutcome {
        let failure = try await keep(kind, data)
        if failure == nil, kind == .nightly { try await prune(data) }
        if store.spec.isAsleep, case let outcome = try await make(.asleep), !outcome.isReady { return outcome }
        if let failure { return .failed(message: "The backup was not made. \(failure.message)", permanent: failure.isPermanent) }
        return .ready(url: store.url ?? settings.addressing.url(for: store.namespace), engineVersion: nil)
    }

    /// Keeps the store's data, unless an earlier attempt of the job did. The database of a store that sleeps is started for it, and left running.
    /// `nil`: it is kept.
    mutating func keep(_ kind: BackupKind, _ data: DataJob) async throws -> BackupFailure? {
        let backup = try await data.journal.begin(kind)
        if backup.status == .done { return nil }
        if try await needsDatabase() {
            // As it is now: a change that is wanted comes after.
            var before = attempt(at: known.applied)
            let outcome = try await before.outcome { try await $0.make(.closed) }
            if case .failed(let message, _) = outcome {
                return try await give(up: backup, BackupFailure(code: "no-database", message: message), data)
            }
            guard outcome.isReady else {
                return try await give(up: backup, BackupFailure(code: "no-database", message: "\(outcome)"), data)
            }
        }
        switch try await perform(.backup(backup), with: data) {
        case .kept(let contents):
            try await data.journal.end(backup.id, .success(contents))
            BackupCounters.backupEnded(backup.kind)
            let size = (contents.databaseBytes + contents.fileBytes) >> 20
            try await journal.event("Backed up \(size) MiB: \(contents.products) products, \(contents.orders) orders", .backup)
            return nil
        case .failed(let failure): return try await give(up: backup, failure, data)
        case .done: return try await give(up: backup, BackupFailure(code: "task-failed", message: "The task kept nothing."), data)
        }
    }

    private func give(up backup: Backup, _ failure: BackupFailure, _ data: DataJob) async throws -> BackupFailure {
        try await data.journal.end(backup.id, .failure(failure))
        BackupCounters.backupEnded(backup.kind, failure)
        try await journal.event("The backup was not made: \(failure.message)", kind: .warning, .backup)
        return failure
    }

    /// What retention has no need of is removed; where that fails, the next backup tries again.
    private mutating func prune(_ data: DataJob) async throws {
        let expired = try await data.journal.expired()
        guard !expired.isEmpty else { return }
        switch try await perform(.prune(expired, of: store.id, by: data.job), with: data) {
        case .failed(let failure): try await journal.event("Old backups were not removed: \(failure.message)", kind: .warning, .backup)
        case .kept, .done:
            try await data.journal.forget(expired.map(\.id))
            try await journal.event("Removed \(expired.count) old backups", .backup)
        }
    }

    /// `nil`: the change may be made.
    private mutating func backUpBeforeChange(_ data: DataJob) async throws -> ProvisioningOutcome? {
        guard let failure = try await keep(.preChange, data) else { return nil }
        let message = "The store was not changed, since it could not be backed up before. \(failure.message)"
        guard store.status == .ready else {
            // It may be the very change that makes it whole.
            try await journal.event("The store has failed, and could not be backed up before its change", kind: .warning, .backup)
            return nil
        }
        guard data.isLastTry || failure.isPermanent else { return .failed(message: message, permanent: false) }
        if let applied = known.applied, applied.spec.isAsleep {
            var before = attempt(at: applied)
            let outcome = try await before.outcome { try await $0.make(.asleep) }
            guard outcome.isReady else { return outcome }
        }
        return .ready(
            url: store.url ?? settings.addressing.url(for: store.namespace),
            engineVersion: nil,
            change: ChangeFailure(code: "backup-failed", message: message)
        )
    }

    /// Whether the store's database does not run, and has to for a task: the store sleeps, or lost its workloads.
    private func needsDatabase() async throws -> Bool {
        if known.applied?.spec.isAsleep ?? store.spec.isAsleep { return true }
        return try await keeperPlace() == nil
    }

    /// Whether there is anything of the store that could be kept.
    mutating func hasData() async throws -> Bool {
        let observed = try await observe(.gone)
        guard observed.namespace == .ours else { return false }
        return try await claims().contains { $0.volumePart == "database" }
    }

    /// `nil`: the store may be removed.
    private mutating func backUpBeforeRemoval(_ data: DataJob) async throws -> ProvisioningOutcome? {
        guard try await hasData() else {
            try await journal.event("There is no database any more to take a final backup of", kind: .warning, .backup)
            return nil
        }
        guard let failure = try await keep(.final, data) else { return nil }
        let message = """
            The final backup could not be made. \(failure.message) Retry to try it again; or delete the store for good, which keeps nothing of it.
            """
        return .failed(message: message, permanent: data.isLastTry || failure.isPermanent)
    }

    /// The same attempt with the store as it was applied last.
    func attempt(at applied: AppliedSpec?) -> StoreAttempt {
        var store = store
        if let applied {
            store.name = applied.name
            store.spec = applied.spec
            store.spec.adminRevision = max(applied.spec.adminRevision, self.store.spec.adminRevision)
        }
        return StoreAttempt(
            store: store,
            provisioner: provisioner,
            lease: lease,
            journal: SameSpec(journal: journal),
            isRetry: isRetry,
            takesOver: takesOver,
            known: KnownValues(recorded: applied?.values, applied: applied),
            memory: AttemptMemory(everReady: true),
            data: data
        )
    }
}

extension ProvisioningOutcome {
    var isReady: Bool { if case .ready = self { true } else { false } }
}
