import Synchronization

/// A statement that only reads, which each connection prepares once. Make it once, as a constant: what is looked up for each call is its number.
package final class ReadStatement: Sendable {
    private static let made = Atomic<Int>(0)

    /// With parameters as `$1`, `$2`….
    let text: String
    /// From 0, in the order in which statements were made.
    let number: Int

    /// Text of our own; what comes from outside is a parameter.
    package init(_ text: String) {
        self.text = text
        number = Self.made.add(1, ordering: .relaxed).oldValue
    }
}

/// What a connection prepared: statements by their numbers. A name never comes twice on a connection, so that one that the server forgot, or whose
/// plan no longer fits, is prepared anew beside it.
struct PreparedReads {
    private struct Entry {
        var name: String
        var times = 0
        var isPrepared = false
    }

    private var entries: [Entry] = []

    /// The name to run it by, and whether it has to be prepared under it first; from then on it counts as prepared.
    mutating func use(_ statement: ReadStatement) -> (name: String, prepares: Bool) {
        while entries.count <= statement.number { entries.append(Entry(name: "r\(entries.count)_0")) }
        defer { entries[statement.number].isPrepared = true }
        return (entries[statement.number].name, !entries[statement.number].isPrepared)
    }

    /// It was not prepared after all under this name, though nothing is wrong with it.
    mutating func wasSkipped(_ statement: ReadStatement, name: String) {
        if entries[statement.number].name == name { entries[statement.number].isPrepared = false }
    }

    /// It may not be run by this name again.
    mutating func forget(_ statement: ReadStatement, name: String) {
        guard entries[statement.number].name == name else { return }
        let times = entries[statement.number].times + 1
        entries[statement.number] = Entry(name: "r\(statement.number)_\(times)", times: times)
    }

    /// The connection is a new one.
    mutating func reset() { for number in entries.indices { entries[number].isPrepared = false } }
}
