package import struct Foundation.Date

/// What the queue needs to know of a job to put it in order; PostgreSQL holds the rest.
package struct JobDescriptor: Sendable, Equatable {
    package var id: JobID
    package var kind: JobKind
    package var jobClass: JobClass
    package var store: StoreID
    package var namespace: StoreNamespace
    /// Whose share of the workers it uses; jobs without a user share one place.
    package var user: UserID?
    /// Not to be taken before this; `nil` means at once.
    package var notBefore: Date?
    /// The W3C trace context of the request that asked for it.
    package var traceparent: String?

    /// `jobClass` nil: the kind's usual one.
    package init(
        id: JobID,
        kind: JobKind,
        jobClass: JobClass? = nil,
        store: StoreID,
        namespace: StoreNamespace,
        user: UserID? = nil,
        notBefore: Date? = nil,
        traceparent: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.jobClass = jobClass ?? (kind == .delete ? .delete : .interactive)
        self.store = store
        self.namespace = namespace
        self.user = user
        self.notBefore = notBefore
        self.traceparent = traceparent
    }
}
