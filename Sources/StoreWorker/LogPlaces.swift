import StoreDomain
import StoreRecords
import Synchronization

/// The logs that this worker reads now, and for whom. One owner's cannot take all places, and followed ones make room when somebody else waits.
final class LogPlaces: Sendable {
    /// Followed logs at once, those of one owner among them, and logs that are read once.
    static let (followed, followedShare, read, readShare) = (12, 6, 8, 4)
    /// How long an owner's only stream is left alone.
    private static let turn = Duration.seconds(60)

    private struct Place {
        let owner: String
        let follows: Bool
        let since: ContinuousClock.Instant
        let wakeup: AsyncStream<Never>.Continuation
        var isLeaving = false
    }

    private let places = Mutex<[String: Place]>([:])

    var isAnyTaken: Bool { places.withLock { !$0.isEmpty } }

    var room: LogRoom {
        places.withLock { places in
            let follow = places.values.count { $0.follows }
            return LogRoom(
                followed: max(0, Self.followed - follow),
                followedShare: Self.followedShare,
                read: max(0, Self.read - (places.count - follow)),
                readShare: Self.readShare
            )
        }
    }

    /// The stream ends when the place is to be handed back.
    func take(_ taken: TakenLogRequest, at time: ContinuousClock.Instant = .now) -> AsyncStream<Never> {
        let (stream, wakeup) = AsyncStream.makeStream(of: Never.self)
        let place = Place(owner: taken.owner, follows: taken.request.follows, since: time, wakeup: wakeup)
        places.withLock { $0[taken.request.id] = place }
        return stream
    }

    func leave(_ taken: TakenLogRequest) { places.withLock { $0.removeValue(forKey: taken.request.id) }?.wakeup.finish() }

    /// `held`: of each owner who waits, how many followed logs it has here. Makes room for each: of whoever has most, and at least two more than
    /// whoever waits, the oldest goes; otherwise the oldest that had its turn. Returns the ids of what is to go now.
    @discardableResult
    func release(forOwnersWith held: [Int], at now: ContinuousClock.Instant = .now) -> [String] {
        places.withLock { places in
            var ids: [String] = []
            for count in held.sorted().dropFirst(places.values.count { $0.isLeaving }) {
                let streams = Dictionary(grouping: places.filter { $0.value.follows && !$0.value.isLeaving }) { $0.value.owner }
                let most = streams.values.map(\.count).max() ?? 0
                let isUneven = most > count + 1
                let candidates = streams.values.filter { isUneven ? $0.count == most : $0.count > count }.flatMap(\.self)
                guard let oldest = candidates.min(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) }),
                    isUneven || now - oldest.value.since >= Self.turn
                else { break }
                oldest.value.wakeup.finish()
                places[oldest.key]?.isLeaving = true
                ids.append(oldest.key)
            }
            return ids
        }
    }
}
