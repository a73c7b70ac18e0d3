/// Hands changes to watches, and keeps the latest ones of each kind for those that resume.
struct WatchHub {
    private var watches: [Kind: [Int: Watch]] = [:]
    private var history: [Kind: [Change]] = [:]
    private var trimmed: [Kind: Int] = [:]
    private var nextID = 0
    private let kept: Int

    /// - Parameter kept: how many changes of each kind a watch can go back.
    init(kept: Int = 1000) { self.kept = kept }

    var count: Int { watches.values.reduce(0) { $0 + $1.count } }

    /// The revision before which changes of this kind are forgotten.
    func oldest(_ kind: Kind) -> Int { trimmed[kind] ?? 0 }

    /// What happened after a revision; throws 410 when that is forgotten.
    func changes(of kind: Kind, after revision: Int) throws(APIFailure) -> [Change] {
        guard revision >= oldest(kind) else { throw .gone(revision, oldest: oldest(kind)) }
        return (history[kind] ?? []).filter { $0.revision > revision }
    }

    mutating func add(_ watch: Watch) -> Int {
        nextID += 1
        watches[watch.kind, default: [:]][nextID] = watch
        return nextID
    }

    mutating func publish(_ change: Change) {
        var line = WatchLine(change)
        for (id, watch) in watches[change.key.kind] ?? [:] where !watch.deliver(change, line: &line) {
            watches[change.key.kind]?[id] = nil
        }
        history[change.key.kind, default: []].append(change)
        guard let count = history[change.key.kind]?.count, count >= kept * 2 else { return }
        trim(change.key.kind, keeping: kept)
    }

    /// A bookmark for a watch; false when the watch is over.
    mutating func bookmark(_ kind: Kind, _ id: Int, revision: Int) -> Bool {
        guard let watch = watches[kind]?[id] else { return false }
        guard watch.bookmark(revision: revision, endsInitialEvents: false) else {
            watches[kind]?[id] = nil
            return false
        }
        return true
    }

    mutating func end(_ kind: Kind, _ id: Int) { watches[kind]?.removeValue(forKey: id)?.end() }

    /// Ends every watch, as a restart of the API server does.
    mutating func endAll() {
        for watch in watches.values.flatMap(\.values) { watch.end() }
        watches = [:]
    }

    /// Forgets all history up to now, so that a watch from an earlier revision is answered with 410.
    mutating func compact(at revision: Int) {
        for kind in Kind.allCases {
            history[kind] = []
            trimmed[kind] = revision
        }
    }

    private mutating func trim(_ kind: Kind, keeping count: Int) {
        guard var changes = history[kind], changes.count > count else { return }
        trimmed[kind] = changes[changes.count - count - 1].revision
        changes.removeFirst(changes.count - count)
        history[kind] = changes
    }
}
