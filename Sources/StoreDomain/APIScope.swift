/// What a token for scripts may be used for, never more than its user may.
package enum APIScope: String, Sendable, CaseIterable {
    /// Looking at stores.
    case read = "stores:read"
    /// Looking at, making, retrying and deleting stores.
    case write = "stores:write"
    /// Revealing a store's credentials.
    case credentials = "stores:credentials"
    /// The queue, for operators.
    case operate = "queue:operate"
    /// Accounts and the audit, for admins.
    case administer = "accounts:administer"
}
