/// One open watch: which changes it wants, in which form, and where they go.
struct Watch: Sendable {
    let kind: Kind
    let scope: ListScope
    let table: TableOptions?
    let output: AsyncStream<[UInt8]>.Continuation

    /// A watcher that lets this many changes pile up is dropped; it lists and watches anew.
    static let backlog = 20_000

    /// False when nobody listens any more.
    func deliver(_ change: Change, line: inout WatchLine) -> Bool {
        let isWanted = scope.matches(change.object) && change.event != .deleted
        let wasWanted = change.previous.map(scope.matches) ?? false
        let event: Change.Event
        switch (wasWanted, isWanted) {
        case (false, true): event = .added
        case (true, true): event = .modified
        case (true, false): event = .deleted
        case (false, false): return true
        }
        if let table { return send(TableView(kind).event(event, change.object, options: table).serialized()) }
        return send(line.bytes(event))
    }

    func bookmark(revision: Int, endsInitialEvents: Bool) -> Bool {
        var object: JSONValue = [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.name),
            "metadata": ["resourceVersion": .string(String(revision))],
        ]
        if endsInitialEvents { object.metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        if let table { object = TableView(kind).table([object], options: table, revision: revision) }
        return send((["type": "BOOKMARK", "object": object] as JSONValue).serialized())
    }

    func send(_ bytes: [UInt8]) -> Bool {
        switch output.yield(bytes + [0x0A]) {
        case .enqueued: return true
        case .dropped:
            output.finish()
            return false
        case .terminated: return false
        @unknown default: return false
        }
    }

    func end() { output.finish() }
}

/// The line that tells a change, made once for all watches that see it the same way.
struct WatchLine {
    private let object: JSONValue
    private var made: [Change.Event: [UInt8]] = [:]

    init(_ change: Change) { object = change.object }

    mutating func bytes(_ event: Change.Event) -> [UInt8] {
        if let bytes = made[event] { return bytes }
        let bytes = (["type": .string(event.rawValue), "object": object] as JSONValue).serialized()
        made[event] = bytes
        return bytes
    }
}
