package import StoreDomain
package import StoreRecords

/// What a copy of a store is to be.
package struct CloneOrder: Sendable {
    package var source: Store
    package var name: StoreName
    /// `nil`: of the name.
    package var slug: StoreSlug?
    /// `nil`: of the store as it is now.
    package var backup: BackupID?
    package var isStaging: Bool
    package var idempotency: IdempotencyKey?

    package init(
        of source: Store,
        name: StoreName,
        slug: StoreSlug? = nil,
        backup: BackupID? = nil,
        isStaging: Bool = false,
        idempotency: IdempotencyKey? = nil
    ) {
        self.source = source
        self.name = name
        self.slug = slug
        self.backup = backup
        self.isStaging = isStaging
        self.idempotency = idempotency
    }
}

package enum CloneOutcome: Sendable {
    /// What became of the new store.
    case created(CreateOutcome)
    /// Why none could be taken of the source.
    case noneTaken(BackupOutcome)
    /// There is no such backup that may be used.
    case noBackup
    case notDone(Backup)
}

package enum UndeleteOutcome: Sendable {
    /// What became of the new store.
    case created(CreateOutcome)
    /// An earlier request made this store of it.
    case broughtBack(Store)
    case keptNoLonger
    case notFound
}

/// New stores that are made of others' backups.
package struct StoreCopies: Sendable {
    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let reservedSlugs: Set<String>
    private let limits: StoreLimits

    package init(records: StoreRecords, jobs: JobEnqueuer, reservedSlugs: Set<String>, limits: StoreLimits) {
        self.records = records
        self.jobs = jobs
        self.reservedSlugs = reservedSlugs
        self.limits = limits
    }

    /// A new store of the source's owner, engine and plan. Without a backup that is given one is taken first; one that is under way is as good.
    /// `visibleTo`: whose the source has to be; `nil`: anybody's. `role`: the owner's.
    package func clone(_ order: CloneOrder, visibleTo: StoreAccess?, role: Role, traceparent: String? = nil, by actor: Operator)
        async throws
        -> CloneOutcome
    {
        if let slug = order.slug, reservedSlugs.contains(slug.rawValue) {
            try await records.audit(actor, "store.clone", target: slug.rawValue, detail: "slug_reserved", outcome: .refused)
            return .created(.slugTaken)
        }
        let source = order.source
        var (backup, taken): (BackupID, JobID?)
        if let given = order.backup {
            guard let found = try await records.usableBackup(given, for: source, visibleTo: visibleTo) else { return .noBackup }
            guard found.status == .done else { return .notDone(found) }
            (backup, taken) = (found.id, nil)
        } else {
            let outcome = try await records.requestBackup(of: source.id, visibleTo: visibleTo, traceparent: traceparent, by: actor)
            switch outcome {
            case .accepted(_, let row, let descriptor):
                await jobs.enqueue(descriptor)
                (backup, taken) = (row.id, descriptor.id)
            case .running(let row) where row.status == .running: (backup, taken) = (row.id, nil)
            // An export of an older backup: that one is not what the store has now.
            case .running, .tooMany, .notReady, .notFound: return .noneTaken(outcome)
            }
        }
        let copy = NewStore(
            name: order.name,
            engine: source.engine,
            owner: source.owner,
            role: role,
            reservedSlugs: reservedSlugs,
            slug: order.slug,
            source: .backup(backup),
            isStaging: order.isStaging,
            action: "store.clone",
            plan: source.spec.plan,
            idempotency: order.idempotency,
            traceparent: traceparent
        )
        do {
            let outcome = try await create(copy, by: actor)
            if case .accepted = outcome {} else { await withdraw(taken) }
            return .created(outcome)
        } catch {
            await withdraw(taken)
            throw error
        }
    }

    /// A new store in the place of one that is deleted, of the newest backup that is kept. `role`: the owner's.
    package func undelete(
        _ id: StoreID,
        visibleTo: StoreAccess?,
        role: (UserID?) async throws -> Role,
        idempotency: IdempotencyKey? = nil,
        traceparent: String? = nil,
        by actor: Operator
    ) async throws -> UndeleteOutcome {
        switch try await records.deletedStore(id, visibleTo: visibleTo) {
        case .broughtBack(let back):
            guard let store = try await records.store(back, visibleTo: visibleTo) else { return .notFound }
            return .broughtBack(store)
        case .keptNoLonger: return .keptNoLonger
        case .notFound: return .notFound
        case .kept(let deleted):
            let back = NewStore(
                name: deleted.name,
                engine: deleted.engine,
                owner: deleted.owner,
                role: try await role(deleted.owner),
                reservedSlugs: reservedSlugs,
                formerNamespace: deleted.namespace,
                source: .backup(deleted.backup.id),
                isStaging: deleted.isStaging,
                undeletes: deleted.id,
                action: "store.undelete",
                plan: deleted.plan,
                idempotency: idempotency,
                traceparent: traceparent
            )
            return .created(try await create(back, by: actor))
        }
    }

    private func create(_ store: NewStore, by actor: Operator) async throws -> CreateOutcome {
        let outcome = try await records.create(store, limits: limits, by: actor)
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return outcome
    }

    /// Of a copy that is not made.
    private func withdraw(_ job: JobID?) async {
        guard let job, case .cancelled? = try? await records.cancel(job, reason: "The copy that it was for is not made.") else { return }
        await jobs.notifyCancelled(job, reason: "not needed")
    }
}
