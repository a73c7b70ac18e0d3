package import JobQueue
package import StoreDomain
package import StoreRecords

/// What an operator does to the queue: it is written down, PostgreSQL decides, Redis is told.
package struct OperatorActions: Sendable {
    private let records: StoreRecords
    private let queue: JobQueue
    private let jobs: JobEnqueuer

    package init(records: StoreRecords, queue: JobQueue, jobs: JobEnqueuer) {
        self.records = records
        self.queue = queue
        self.jobs = jobs
    }

    /// An operator is held to no setting's quota.
    private static let limits = StoreLimits(total: 1_000_000, perUser: 1_000_000, unitsPerUser: 4_000_000)

    /// Its store ends as failed with the reason; of a change of a ready store it stays ready and tells it. A running job's worker hears of it within a moment.
    package func cancel(_ job: JobID, by actor: Operator, reason: String) async throws -> CancelJobOutcome {
        try await records.audit(actor, "job.cancel", target: job.description, detail: reason)
        let outcome = try await records.cancel(job, reason: "Cancelled by \(actor.name): \(reason)")
        switch outcome {
        case .cancelled, .asked: await jobs.notifyCancelled(job, reason: "\(actor.name): \(reason)")
        case .over, .notFound: break
        }
        return outcome
    }

    /// Queues a dead letter's work again, as a new job.
    package func replay(_ job: JobID, by actor: Operator, traceparent: String? = nil) async throws -> ReplayOutcome {
        try await records.audit(actor, "job.replay", target: job.description)
        let outcome = try await records.replay(job, traceparent: traceparent)
        if case .queued(let descriptor) = outcome { await jobs.enqueue(descriptor, replaying: job) }
        return outcome
    }

    /// A job that waits for a later time, as after a failed attempt, runs as soon as it can.
    package func runNow(_ job: JobID, by actor: Operator) async throws -> RunNowOutcome {
        try await records.audit(actor, "job.retry", target: job.description)
        let outcome = try await records.runNow(job)
        if case .mayRunNow(let descriptor) = outcome { await jobs.notifyRunNow(descriptor) }
        return outcome
    }

    /// Forgets final jobs that ended this long ago, except each living store's newest. How many.
    package func purgeJobs(olderThan age: Duration, by actor: Operator) async throws -> Int {
        try await records.audit(actor, "job.purge", detail: "older than \(age)")
        return try await records.purgeJobs(olderThan: age)
    }

    /// Queues again what failed of a store or was not made, whoever owns it.
    package func retry(_ store: StoreID, takeOver: Bool, by actor: Operator) async throws -> RetryOutcome {
        let outcome = try await records.retry(store, takeOver: takeOver, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Makes an empty store in place of one that is lost, whoever owns it.
    package func recreate(_ store: StoreID, by actor: Operator) async throws -> RetryOutcome {
        let outcome = try await records.recreate(store, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Changes what a store is to be, whoever owns it: within the quota of units that its owner or the owner's role was given, if any.
    package func change(_ store: StoreID, _ change: StoreChange, by actor: Operator) async throws -> ChangeOutcome {
        guard let owner = try await records.store(store, visibleTo: nil)?.owner else {
            return try await self.change(ChangeRequest(store, change), by: actor)
        }
        return try await self.change(ChangeRequest(store, change, role: try await records.role(of: owner)), by: actor)
    }

    private func change(_ request: ChangeRequest, by actor: Operator) async throws -> ChangeOutcome {
        let outcome = try await records.change(request, limits: Self.limits, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Backs a store up now, whoever owns it.
    package func backUp(_ store: StoreID, by actor: Operator) async throws -> BackupOutcome {
        let outcome = try await records.requestBackup(of: store, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, _, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Restores a backup into a hidden store now, to see that it can be.
    package func verify(_ backup: BackupID, by actor: Operator) async throws -> BeginVerificationOutcome {
        let outcome = try await records.beginVerification(of: backup, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Makes one file of a backup, whoever owns the store.
    package func export(_ store: StoreID, backup: BackupID?, by actor: Operator) async throws -> ExportOutcome {
        let outcome = try await records.requestExport(of: store, backup: backup, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, _, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Replaces a store's data by a backup's, whoever owns it.
    package func restore(_ store: StoreID, from backup: BackupID, by actor: Operator) async throws -> RestoreOutcome {
        let outcome = try await records.restore(store, from: backup, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Brings a store back whose namespace is gone, of its newest backup, in the background.
    package func recover(_ store: StoreID, by actor: Operator) async throws -> RecoverOutcome {
        let outcome = try await records.recover(store, by: actor)
        if case .accepted(_, _, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Takes a domain away from a store, whoever owns it.
    package func removeDomain(_ host: DomainName, of store: StoreID, by actor: Operator) async throws -> ChangeDomainOutcome {
        let outcome = try await records.removeDomain(host, of: store, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, let descriptor?) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Gives a store to another owner, within the quotas that they or their role were given, if any. `token`: of an invitation that nobody else sees.
    package func transfer(
        _ store: StoreID,
        to owner: UserID,
        by token: TokenReference,
        leavesAs: StoreRole?,
        actor: Operator
    ) async throws -> AcceptInvitationOutcome {
        let offer = NewInvitation.transfer(leavesAs: leavesAs, email: nil)
        guard case .invited(let invitation) = try await records.invite(token, to: store, offer, visibleTo: nil, by: actor) else {
            return .invalid
        }
        let outcome = try await records.acceptInvitation(
            token,
            as: owner,
            email: nil,
            role: try await records.role(of: owner),
            limits: Self.limits,
            traceparent: nil,
            by: actor
        )
        if case .transferred(_, let descriptor) = outcome {
            await jobs.enqueue(descriptor)
        } else {
            _ = try await records.withdrawInvitation(invitation.id, to: store, visibleTo: nil, by: actor)
        }
        return outcome
    }

    /// New stores of the owner whose backup it is, within the quotas that the owner or the owner's role was given, if any.
    package func copies(reservedSlugs: Set<String>) -> StoreCopies {
        StoreCopies(records: records, jobs: jobs, reservedSlugs: reservedSlugs, limits: Self.limits)
    }

    /// Deletes a store, whoever owns it.
    package func delete(_ store: StoreID, keeping: DeleteKeeping, by actor: Operator) async throws -> DeleteOutcome {
        let outcome = try await records.delete(store, keeping: keeping, visibleTo: nil, traceparent: nil, by: actor)
        if case .accepted(_, let descriptor, let cancelling) = outcome { await jobs.enqueue(descriptor, cancelling: cancelling) }
        return outcome
    }

    /// Takes a store into the records that only the cluster has.
    package func adopt(
        _ id: StoreID,
        name: StoreName,
        engine: Engine,
        owner: UserID?,
        namespace: StoreNamespace,
        by actor: Operator
    ) async throws -> AdoptOutcome {
        try await records.audit(actor, "orphan.adopt", target: namespace.rawValue, detail: "store \(id)")
        let outcome = try await records.adopt(id, name: name, engine: engine, owner: owner, namespace: namespace)
        if case .adopted(let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Takes effect at once even where Redis is away: no claim is granted.
    package func pause(by actor: Operator, reason: String) async throws {
        try await records.audit(actor, "queue.pause", detail: reason)
        try await records.pause(by: actor.name, reason: reason)
        await jobs.notifyPaused("\(actor.name): \(reason)")
    }

    /// False: it was not paused.
    package func resume(by actor: Operator) async throws -> Bool {
        try await records.audit(actor, "queue.resume")
        let wasPaused = try await records.resume()
        await jobs.notifyPaused(nil)
        return wasPaused
    }

    /// The worker takes no more jobs. False: it is not known.
    package func drain(_ worker: String, by actor: Operator, reason: String) async throws -> Bool {
        try await records.audit(actor, "worker.drain", target: worker, detail: reason)
        return try await records.drain(worker, by: actor.name, reason: reason)
    }

    /// False: it was not drained.
    package func undrain(_ worker: String, by actor: Operator) async throws -> Bool {
        try await records.audit(actor, "worker.undrain", target: worker)
        return try await records.undrain(worker)
    }
}
