package import StoreDomain

/// A validated request for a store.
package struct NewStore: Sendable {
    package var name: StoreName
    package var engine: Engine
    package var owner: UserID?
    /// The owner's: a role may have a quota of its own.
    package var role: Role
    /// Slugs that would take the platform's own host or namespace; stores so named get the suffixed namespace.
    package var reservedSlugs: Set<String>
    /// What its owner wants it to be called at; `nil`: what its name makes. Where it is not to be had the store is refused, not suffixed.
    package var slug: StoreSlug?
    /// The namespace that it has if that is free and nobody reserved it, instead of what its name makes.
    package var formerNamespace: StoreNamespace?
    /// What it is filled with before it is ready for the first time.
    package var source: StoreSource?
    package var isStaging: Bool
    /// The deleted store that it brings back.
    package var undeletes: StoreID?
    /// The audit's word.
    package var action: String
    /// `nil`: the installation's default.
    package var plan: StorePlan?
    package var idempotency: IdempotencyKey?
    package var traceparent: String?

    package init(
        name: StoreName,
        engine: Engine,
        owner: UserID?,
        role: Role = .user,
        reservedSlugs: Set<String> = [],
        slug: StoreSlug? = nil,
        formerNamespace: StoreNamespace? = nil,
        source: StoreSource? = nil,
        isStaging: Bool = false,
        undeletes: StoreID? = nil,
        action: String = "store.create",
        plan: StorePlan? = nil,
        idempotency: IdempotencyKey? = nil,
        traceparent: String? = nil
    ) {
        self.name = name
        self.engine = engine
        self.owner = owner
        self.role = role
        self.reservedSlugs = reservedSlugs
        self.slug = slug
        self.formerNamespace = formerNamespace
        self.source = source
        self.isStaging = isStaging
        self.undeletes = undeletes
        self.action = action
        self.plan = plan
        self.idempotency = idempotency
        self.traceparent = traceparent
    }
}

/// A caller's promise that the same key means the same request; kept per user for 24 hours.
package struct IdempotencyKey: Sendable, Equatable {
    /// 1 to 255 visible ASCII characters.
    package let key: String
    /// Hex SHA-256 of the request in canonical form.
    package let bodyDigest: String

    /// `nil` unless `key` is 1 to 255 visible ASCII characters.
    package init?(key: String, bodyDigest: String) {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        self.key = key
        self.bodyDigest = bodyDigest
    }
}

/// How many stores there may be; stores that are being deleted do not count.
package struct StoreLimits: Sendable, Equatable {
    package var total: Int
    /// Of users who have no quota of their own, in a role that has none.
    package var perUser: Int
    /// How many units of plans such a user may have.
    package var unitsPerUser: Int

    /// `unitsPerUser` nil: enough for as many of the largest plan.
    package init(total: Int, perUser: Int, unitsPerUser: Int? = nil) {
        self.total = total
        self.perUser = perUser
        self.unitsPerUser = unitsPerUser ?? perUser * (StorePlan.allCases.map(\.units).max() ?? 1)
    }
}

package enum CreateOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    /// The idempotency key was used before with the same body: this is its store.
    case repeated(Store)
    /// … with another body.
    case keyReused
    /// The slug that was asked for is another store's, or the platform's.
    case slugTaken
    /// The backup that it was to be filled with is not kept any more.
    case noBackup
    /// Another store brings the deleted one back.
    case broughtBack
    case totalLimitReached(limit: Int)
    case userLimitReached(used: Int, limit: Int)
    /// The plan is more than is left of the user's units.
    case unitLimitReached(used: Int, limit: Int)
}

package enum RetryOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    case notFailed
    /// Of a retry: what the store had is lost, and a retry makes no empty one in its place.
    case lost
    /// Of recreating: nothing of the store is lost.
    case notLost
    /// Of recreating: another job of the store runs, and finds out what is lost by itself.
    case busy
    /// The plan of the change that is to be tried again is more than is left of the owner's units.
    case unitLimitReached(used: Int, limit: Int)
    case notFound
}

package enum DeleteOutcome: Sendable {
    /// `cancelling`: jobs of this store that were queued (now cancelled) or run (asked to stop).
    case accepted(Store, JobDescriptor, cancelling: [JobID])
    case alreadyDeleting(Store)
    /// It was gone, and its backups go now.
    case purged(Store)
    case notFound
}

/// What a deletion keeps of a store.
package enum DeleteKeeping: Sendable, Equatable {
    /// Its backups, for this many days; `final`: one is taken before anything is removed.
    case backups(days: Int, final: Bool)
    case nothing
}
