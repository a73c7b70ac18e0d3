/// One write to the store, as watches and controllers see it.
struct Change: Sendable {
    enum Event: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    let event: Event
    let key: ObjectKey
    let revision: Int
    /// The object after the write; for a deletion its last state, with the deletion's own revision.
    let object: JSONValue
    /// The object before the write.
    let previous: JSONValue?
}
