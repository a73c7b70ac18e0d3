import Foundation
package import JobDispatch
package import Logging
package import Provisioning
package import Sealing
package import StoreDomain
package import StoreRecords
import Synchronization

/// Does a job's work by the provisioner; the bridge between what a job wants and what the cluster is.
package struct ProvisioningHandler: JobHandler {
    /// A job's work with a store's data is tried so often; then the store gets back what it had, or its owner decides.
    private static let dataTries = 3
    private static let patience = Duration.seconds(300)

    private let provisioner: Provisioner
    private let records: StoreRecords
    private let seal: CredentialSeal?
    /// `nil`: no backups are kept.
    private let retention: PlanRetention?
    private let logger: Logger

    /// `seal` nil: no credentials are handed over.
    package init(provisioner: Provisioner, records: StoreRecords, seal: CredentialSeal?, retention: PlanRetention? = nil, logger: Logger) {
        self.provisioner = provisioner
        self.records = records
        self.seal = seal
        self.retention = retention
        self.logger = logger
    }

    package func run(_ attempt: Attempt) async -> AttemptOutcome {
        do {
            if let wait = try await whyAnotherWorker(attempt) { return wait }
            let data: DataJob?
            switch try await work(of: attempt) {
            case .nothing: data = nil
            case .outcome(let outcome): return outcome
            case .work(let work):
                guard let seal, let retention else { return try await leave(work) }
                data = DataJob(
                    work,
                    of: attempt.claim.descriptor.id,
                    journal: AttemptBackups(attempt: attempt, records: records, seal: seal, retention: retention),
                    isLastTry: attempt.claim.attempt >= Self.dataTries
                )
            }
            return try await provisioner.run(
                attempt.store,
                desired: attempt.kind.wants(attempt.store.spec),
                everReady: attempt.claim.everReady,
                isRetry: attempt.kind == .retry,
                isChange: attempt.kind == .apply,
                recreates: attempt.claim.recreates,
                takesOver: attempt.claim.takesOver,
                known: attempt.claim.values,
                data: data,
                lease: attempt.lease,
                journal: AttemptJournal(claim: attempt.claim, records: records, seal: seal, logger: logger)
            )
        } catch {
            if Task.isCancelled || error is LeaseLost || error is CancellationError { return .interrupted }
            logger.warning("An attempt could not be recorded", metadata: ["store": "\(attempt.store.id)", "error": "\(error)"])
            return Self.outcome(of: error)
        }
    }

    /// While workers are being replaced, one may not have the chart that another has: it is no attempt of the job's. Where nobody has it, the
    /// attempts are used up, and it is told.
    private func whyAnotherWorker(_ attempt: Attempt) async throws -> AttemptOutcome? {
        guard [.provision, .retry, .apply, .restore].contains(attempt.kind), let version = attempt.store.spec.version,
            !provisioner.hasChart(of: attempt.store.engine, version: version),
            try await records.hasChart(of: attempt.store.engine, version: version)
        else { return nil }
        let reason = "This worker does not have version \(version) of \(attempt.store.engine.rawValue)'s chart; another one does."
        return .again(after: .seconds(5), reason: reason)
    }

    /// A worker that keeps backups has to do it. Where none was seen for longer than a restart takes, nobody waits for one that may never come.
    private func leave(_ work: DataWork) async throws -> AttemptOutcome {
        Self.outcome(ofLeaving: work, isKeptElsewhere: try await records.keepsBackups(within: Self.patience))
    }

    package static func outcome(ofLeaving work: DataWork, isKeptElsewhere: Bool) -> AttemptOutcome {
        isKeptElsewhere
            ? .again(after: .seconds(10), reason: "This worker keeps no backups; one with VAULT_URL has to do it.")
            : .failed(message: work.refusal("No worker keeps backups any more: VAULT_URL is set for none of them."), permanent: true)
    }

    private enum Work {
        case nothing
        case work(DataWork)
        case outcome(AttemptOutcome)
    }

    /// What the job does with the store's data.
    private func work(of attempt: Attempt) async throws -> Work {
        let claim = attempt.claim
        // What is loaded is opened, and not loaded again.
        if claim.phase == .opening || claim.phase == .reopening { return .nothing }
        switch attempt.kind {
        case .delete: return claim.wantsFinalBackup ? .work(.backUpBeforeRemoval) : .nothing
        case .backup:
            return try await backup(claim.backup) { backup in claim.export.map { .export(backup.kind, as: $0) } ?? .backUp(backup.kind) }
        case .restore: return try await backup(claim.backup) { .restore($0, isBegun: claim.phase != nil && claim.phase != .closing) }
        case .provision, .retry:
            if let source = attempt.store.restoredFrom, !claim.everReady { return try await backup(source) { .load(.backup($0)) } }
            if let source = attempt.store.importedFrom, !claim.everReady {
                guard let archive = try await records.archive(source) else {
                    return .outcome(
                        .failed(message: "The archive is not there any more. Send it again, and make another store of it.", permanent: true)
                    )
                }
                return .work(.load(.archive(archive)))
            }
            fallthrough
        case .apply:
            if claim.backup != nil {
                return try await backup(claim.backup) { .upgrade(claim.phase == .upgrading ? .installing($0) : .goingBack(to: $0)) }
            }
            guard retention != nil, claim.values.failure == nil, claim.values.changesVersion(to: attempt.store.spec) else {
                return .nothing
            }
            // The same version with other values goes back without its data, and a store that failed does not serve.
            let isSafe = attempt.kind == .apply && attempt.store.spec.version != claim.values.applied?.spec.version
            return .work(isSafe ? .upgrade(.start) : .backUpBeforeChange)
        }
    }

    private func backup(_ id: BackupID?, _ work: (Backup) -> DataWork) async throws -> Work {
        guard let id, let backup = try await records.backup(id) else {
            return .outcome(.failed(message: "The backup is not there any more. Choose another one.", permanent: true))
        }
        return .work(work(backup))
    }

    /// What could not be written may be taken when it is tried again, unless it is the very values that PostgreSQL refuses. What is no error of
    /// PostgreSQL's costs an attempt: of these there are only so many.
    package static func outcome(of error: any Error) -> AttemptOutcome {
        guard let error = error as? any DatabaseError else {
            return .failed(message: "What the attempt did could not be recorded: \(error).".plain(atMost: 1_000), permanent: false)
        }
        if error.isRefusalOfValues {
            StoreRecords.countRefused("note")
            return .failed(message: "What the attempt did cannot be recorded: \(error).".plain(atMost: 1_000), permanent: true)
        }
        return .again(after: .seconds(5), reason: (error.problem ?? "\(error)").plain(atMost: 1_000))
    }
}

/// The provisioner's notes as fenced writes. A connection that broke is no reason to begin the attempt anew: the same over another does, and at worst
/// a line stands twice. PostgreSQL refuses it when the lease is lost meanwhile. A build log has at most `limit` lines of an attempt; errors are always told.
private final class AttemptJournal: ProvisioningJournal {
    private static let limit = 2_000
    private let claim: Claim
    private let records: StoreRecords
    private let seal: CredentialSeal?
    private let logger: Logger
    private let lines = Atomic<Int>(0)

    init(claim: Claim, records: StoreRecords, seal: CredentialSeal?, logger: Logger) {
        self.claim = claim
        self.records = records
        self.seal = seal
        self.logger = logger
    }

    func completed(_ step: ProvisioningStep) async throws { try await persistently { try await records.complete(step, under: claim) } }
    func failed(_ step: ProvisioningStep, error: String) async throws {
        try await persistently { try await records.fail(step, error: error, under: claim) }
    }

    func release(_ release: ReleaseRecord) async throws { try await note { try await records.save(release, under: claim) } }
    func administrator(user: String, password: SecretText, signIn: SecretText?) async throws {
        guard let seal else { return }
        let key = signIn.map { AdminSignInKey(of: $0.value) }
        let credentials = try seal.seal(AdminCredentials(user: user, password: password.value, signInKey: key), of: claim.store.id)
        try await persistently { try await records.save(credentials, under: claim) }
    }

    func goesBack(to spec: StoreSpec, after message: String) async throws {
        try await persistently { try await records.goBack(to: spec, after: message, under: claim) }
    }

    func resolved(_ spec: StoreSpec, values: String) async throws {
        try await persistently { try await records.resolve(spec, values: values, under: claim) }
    }

    func keep(_ certificate: KeptCertificate) async throws {
        guard let seal, let end = DomainChecker.end(ofChain: certificate.chain) else { return }
        let store = claim.store
        let text = String(decoding: try JSONEncoder().encode(certificate), as: UTF8.self)
        let sealed = try seal.seal(text, as: .certificate, of: store.id)
        do {
            try await persistently { try await records.keepCertificate(sealed, of: certificate.host, store: store.id, until: end) }
        } catch let error as any DatabaseError {
            // It costs an order, and no deletion.
            logger.warning("A certificate could not be kept", metadata: ["host": "\(certificate.host)", "error": "\(error)"])
        }
    }

    /// One that cannot be opened is as none: another is ordered.
    func certificate(of host: String) async throws -> KeptCertificate? {
        guard let seal, let kept = try await records.keptCertificate(of: host, for: claim.store.id),
            let text = try? seal.open(kept.sealed, as: .certificate, of: kept.store)
        else { return nil }
        return try? JSONDecoder().decode(KeptCertificate.self, from: Data(text.utf8))
    }

    func diagnosed(cause: String, evidence: String) async throws {
        try await note { try await records.record(cause: cause, evidence: evidence, under: claim) }
    }

    func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws {
        let number = lines.add(1, ordering: .relaxed).newValue
        if number == Self.limit {
            try await records.append(
                "The build log is full: what follows is left out.",
                kind: .warning,
                stage: nil,
                source: .worker,
                under: claim
            )
        }
        guard number < Self.limit || kind == .error else { return }
        try await note { try await records.append(text, kind: kind, stage: stage, source: source, under: claim) }
    }

    /// A note that PostgreSQL refuses for its text it would refuse again, and no store fails for want of a note.
    private func note(_ write: () async throws -> Void) async throws {
        do { try await persistently(write) } catch let error as any DatabaseError where error.isRefusalOfValues {
            StoreRecords.countRefused("note")
            logger.warning("PostgreSQL refuses a note of an attempt", metadata: ["store": "\(claim.store.id)", "error": "\(error)"])
        }
    }
}
