import Cluster
import StoreDomain

/// Taking backups: asked for, by night, and before what may lose data.
extension StoreAttempt {
    mutating func work(_ data: DataJob, toward desired: DesiredState) async throws -> AttemptOutcome {
        switch data.work {
        case .backUp(let kind): return try await backUp(kind, data)
        case .export(let kind, let archive): return try await export(kind, as: archive, data)
        case .restore(let backup, let isBegun): return try await restore(backup, isBegun: isBegun, data)
        case .load(let source):
            outnumber(source)
            return try await load(source, data)
        case .backUpBeforeChange:
            if let failure = try await backUpBeforeChange(data) { return failure }
            return try await make(desired)
        case .upgrade(let place): return try await upgrade(from: place, toward: desired, data)
        case .backUpBeforeRemoval:
            if let failure = try await backUpBeforeRemoval(data) { return failure }
            return try await make(.gone)
        }
    }

    private mutating func backUp(_ kind: BackupKind, _ data: DataJob) async throws -> AttemptOutcome {
        let failure = try await keep(kind, data)
        if failure == nil, kind == .nightly { try await keepUp(data) }
        if sleeps, let other = try await putBack() { return other }
        if let failure { return .failed(message: data.work.refusal(failure.message), permanent: failure.isPermanent) }
        return asItWas()
    }

    /// The outcome of a job that left the store as it was.
    func asItWas(_ change: ChangeFailure? = nil) -> AttemptOutcome {
        .ready(url: store.url ?? settings.addressing.url(for: store.namespace), engineVersion: nil, change: change)
    }

    var sleeps: Bool { known.applied?.spec.isAsleep ?? store.spec.isAsleep }

    /// A store that was closed for a task serves or sleeps again, as it did before. `nil`: it does; or nothing is left of it.
    mutating func putBack() async throws -> AttemptOutcome? {
        guard try await hasData() else { return nil }
        var before = attempt(at: known.applied)
        let state = before.store.spec.desiredState
        let outcome = try await before.outcome { try await $0.make(state) }
        return outcome.isReady ? nil : outcome
    }

    /// Keeps the store's data, unless an earlier attempt of the job did. `isClosed`: first it is closed, so that nothing is sold which the backup
    /// has not. The database of a store that sleeps is started for it, and left running; so is that of a store which lost its workloads, where it is
    /// changed afterwards. `nil`: it is kept.
    mutating func keep(_ kind: BackupKind, isClosed: Bool = false, _ data: DataJob) async throws -> BackupFailure? {
        let backup = try await data.journal.begin(kind)
        if backup.status == .done { return nil }
        var isToClose = sleeps || isClosed
        if !isToClose, kind == .final || kind == .preChange { isToClose = try await keeperPlace() == nil }
        if isToClose {
            // Closing makes what is missing: of a store that is lost it would be an empty one, and its backup the newest.
            guard try await hasData() else { return try await give(up: backup, .lostStore, data) }
            // As it is now: a change that is wanted comes after.
            var before = attempt(at: known.applied)
            let outcome = try await before.outcome { try await $0.make(.closed) }
            if !outcome.isReady {
                let failure =
                    switch outcome {
                    case .ready(_, _, let change?): BackupFailure(code: change.code, message: change.message)
                    case .failed(let message, _): BackupFailure(code: "no-database", message: message)
                    default: BackupFailure(code: "no-database", message: "\(outcome)")
                    }
                // Whoever wants it gone need not wait for what cannot be closed, if it can be saved as it is.
                guard kind == .final, try await keeperPlace() != nil else { return try await give(up: backup, failure, data) }
                try await journal.event("The store could not be closed, and is saved as it is: \(failure.message)", kind: .warning, .backup)
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
        case .loaded, .counted, .exported, .done:
            return try await give(up: backup, BackupFailure(code: "task-failed", message: "The task kept nothing."), data)
        }
    }

    private func give(up backup: Backup, _ failure: BackupFailure, _ data: DataJob) async throws -> BackupFailure {
        try await data.journal.end(backup.id, .failure(failure))
        BackupCounters.backupEnded(backup.kind, failure)
        try await journal.event("The backup was not made: \(failure.message)", kind: .warning, .backup)
        return failure
    }

    /// Once a week the repository is checked, and what nobody needs is removed from it. Where that fails, or the repository is damaged, nothing is
    /// removed, and the next backup tries again.
    private mutating func keepUp(_ data: DataJob) async throws {
        guard let upkeep = try await data.journal.upkeep() else { return }
        switch try await perform(.prune(upkeep, of: store.id, by: data.job), with: data) {
        case .failed(let failure):
            BackupCounters.upkeepEnded(failure)
            let isDamaged = failure.code == "check-failed"
            if isDamaged { try await data.journal.keptUp(damage: failure.message) }
            let what = isDamaged ? "The backups' repository is damaged" : "The backups' repository was not checked"
            try await journal.event("\(what): \(failure.message)", kind: .warning, .backup)
        case .kept, .loaded, .counted, .exported, .done:
            BackupCounters.upkeepEnded()
            try await data.journal.keptUp(damage: nil)
            try await journal.event("Checked the backups' repository, which keeps \(upkeep.kept.count) backups", .backup)
        }
    }

    /// `nil`: the change may be made.
    mutating func backUpBeforeChange(_ data: DataJob) async throws -> AttemptOutcome? {
        guard let failure = try await keep(.preChange, data) else { return nil }
        let message = data.work.refusal(failure.message)
        guard store.status == .ready else {
            // It may be the very change that makes it whole.
            try await journal.event("The store has failed, and could not be backed up before its change", kind: .warning, .backup)
            return nil
        }
        guard data.isLastTry || failure.isPermanent else { return .failed(message: message, permanent: false) }
        if sleeps, let other = try await putBack() { return other }
        return asItWas(ChangeFailure(code: "backup-failed", message: message))
    }

    /// Whether there is anything of the store that could be kept.
    mutating func hasData() async throws -> Bool {
        let observed = try await observe(.gone)
        guard observed.namespace == .ours else { return false }
        return try await claims().contains { $0.volumePart == "database" }
    }

    /// `nil`: the store may be removed.
    private mutating func backUpBeforeRemoval(_ data: DataJob) async throws -> AttemptOutcome? {
        guard try await hasData() else {
            try await journal.event("There is no database any more to take a final backup of", kind: .warning, .backup)
            return nil
        }
        // Nobody needs it any more, and what is sold while it is saved would be lost. One that cannot be closed is saved as it is.
        let refusal = try await attempt(at: known.applied).whyNotClosed()
        if let refusal { try await journal.event("The store is saved while it is open: \(refusal.message)", kind: .warning, .backup) }
        guard let failure = try await keep(.final, isClosed: refusal == nil, data) else { return nil }
        return .failed(message: data.work.refusal(failure.message), permanent: data.isLastTry || failure.isPermanent)
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
            memory: AttemptMemory(everReady: true)
        )
    }
}

extension BackupFailure {
    static let lostStore = BackupFailure(
        code: "no-database",
        message: "The store's namespace or its database's volume is lost. Restore a backup; or make the store anew, empty."
    )
}

extension AttemptOutcome {
    /// The store is as it was wanted.
    var isReady: Bool { if case .ready(_, _, nil) = self { true } else { false } }
}
