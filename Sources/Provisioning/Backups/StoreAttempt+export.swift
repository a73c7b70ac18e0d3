import StoreDomain

/// Making a file of a backup, for the store's owner to take away.
extension StoreAttempt {
    mutating func export(_ kind: BackupKind, as archive: ArchiveID, _ data: DataJob) async throws -> AttemptOutcome {
        let failure = try await make(archive, of: kind, data)
        if let failure {
            try await data.journal.end(archive, .failure(failure))
            try await journal.event("The export was not made: \(failure.message)", kind: .warning, .backup)
        }
        BackupCounters.exportEnded(failure)
        if sleeps, let other = try await putBack() { return other }
        if let failure { return .failed(message: data.work.refusal(failure.message), permanent: failure.isPermanent) }
        return asItWas()
    }

    private mutating func make(_ archive: ArchiveID, of kind: BackupKind, _ data: DataJob) async throws -> BackupFailure? {
        // Made again it would have another hash than its row and the links to it.
        if try await data.journal.isMade(archive) { return nil }
        if let failure = try await keep(kind, data) { return failure }
        let backup = try await data.journal.begin(kind)
        guard let contents = backup.contents else {
            return BackupFailure(code: "no-snapshot", message: "There is no such backup any more.")
        }
        guard settings.keeper?.token(.archive(archive), .append) != nil else { return .noExports }
        switch try await perform(try .export(backup, contents, as: archive, of: store.engine), with: data) {
        case .exported(let made):
            try await data.journal.end(archive, .success(made))
            try await journal.event("Exported \(made.bytes >> 20) MiB", .backup)
            return nil
        case .failed(let failure): return failure
        case .kept, .loaded, .counted, .done: return BackupFailure(code: "task-failed", message: "The task made no archive.")
        }
    }
}

extension BackupFailure {
    static let noExports = BackupFailure(
        code: "no-exports",
        message: "This worker has nothing to do with archives: ARCHIVE_KEYS is not set."
    )
}
