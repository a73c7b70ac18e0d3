/// Somebody who reads what one run of a container writes, until it ends.
struct LogFollower: Sendable {
    let container: String
    let restart: Int
    let showsTimes: Bool
    /// The number of the first line that is not sent.
    var next: Int
    /// How many bytes may still be sent; `nil` is without end.
    var room: Int?
    let output: AsyncStream<[UInt8]>.Continuation

    /// A reader that lets this many portions pile up is dropped.
    static let backlog = 1000

    /// False when that was the last: the bytes are used up, or nobody reads any more.
    mutating func send(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        let portion = room.map { Array(bytes.prefix($0)) } ?? bytes
        room = room.map { $0 - portion.count }
        guard case .enqueued = output.yield(portion) else { return false }
        return room != 0
    }
}

/// Those who follow logs, by the UIDs of the pods.
struct LogFollowers {
    private var followers: [String: [Int: LogFollower]] = [:]
    private var nextID = 0

    var count: Int { followers.values.reduce(0) { $0 + $1.count } }

    func isFollowed(_ uid: String) -> Bool { followers[uid] != nil }

    mutating func add(_ follower: LogFollower, of uid: String) {
        nextID += 1
        followers[uid, default: [:]][nextID] = follower
    }

    /// Lets every follower of a pod go on; those for whom `body` answers false are at their end.
    mutating func update(_ uid: String, _ body: (inout LogFollower) -> Bool) {
        for (id, var follower) in followers[uid] ?? [:] {
            if body(&follower) {
                followers[uid]?[id] = follower
            } else {
                follower.output.finish()
                followers[uid]?[id] = nil
            }
        }
        if followers[uid]?.isEmpty == true { followers[uid] = nil }
    }

    mutating func endAll() {
        for uid in followers.keys { update(uid) { _ in false } }
    }
}
