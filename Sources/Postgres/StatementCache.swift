/// Which statements a connection has prepared, the least recently used of which makes room.
struct StatementCache {
    private var entries: [String: (name: String, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0
    /// Names never come twice: a PREPARE that was cancelled may still stand on the server under its name.
    private var lastName: UInt64 = 0
    private var dropped: [String] = []
    private let capacity: Int

    init(capacity: Int = 200) { self.capacity = capacity }

    mutating func name(of text: String) -> String? {
        guard let place = entries.index(forKey: text) else { return nil }
        uses += 1
        entries.values[place].lastUse = uses
        return entries.values[place].name
    }

    mutating func newName() -> String {
        lastName += 1
        return "s\(lastName)"
    }

    mutating func insert(_ text: String, name: String) {
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) { forget(oldest.key) }
        uses += 1
        entries[text] = (name, uses)
    }

    mutating func forget(_ text: String) {
        if let entry = entries.removeValue(forKey: text) { dropped.append(entry.name) }
    }

    var hasDropped: Bool { !dropped.isEmpty }

    /// The names of the statements that made room, to be deallocated on the server.
    mutating func takeDropped() -> [String] {
        defer { dropped = [] }
        return dropped
    }
}
