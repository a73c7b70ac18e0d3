/// What people can be told of. `notices.kind` in PostgreSQL has the same words.
package enum NoticeKind: String, Sendable, CaseIterable {
    case storeReady = "store.ready"
    case storeFailed = "store.failed"
    /// For two minutes at least.
    case storeDegraded = "store.degraded"
    /// It was said to be degraded or lost, and is healthy again.
    case storeRecovered = "store.recovered"
    /// Its namespace is gone from the cluster.
    case storeLost = "store.lost"
    case storeDeleted = "store.deleted"
    case backupFailed = "backup.failed"
    /// An own domain has not led here for so long that it is served no more.
    case domainFailing = "domain.failing"
    /// Another store's owner proved an own domain, and has it now.
    case domainLost = "domain.lost"
    /// Somebody accepted an invitation to a store.
    case memberAdded = "member.added"
    /// The store is another's now. The owner of before is told.
    case storeTransferred = "store.transferred"
    /// More of its stores went wrong than may. The installation's operators are told.
    case rolloutHalted = "rollout.halted"
    /// Four fifths of an owner's quota are used.
    case quotaNear = "quota.near"
    /// Somebody named a mailbox: whoever reads it is asked. No channel chooses it.
    case channelConfirm = "channel.confirm"
    /// Somebody asked for it; no channel chooses it.
    case test

    /// What a channel may choose.
    package static let events = allCases.filter { $0 != .test && $0 != .channelConfirm }
    /// What owners are told of; the rest is the installation's.
    package static let ownersEvents = events.filter { $0 != .rolloutHalted }
}
