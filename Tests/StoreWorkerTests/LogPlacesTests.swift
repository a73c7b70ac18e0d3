import StoreDomain
import StoreRecords
import Testing

@testable import StoreWorker

@Suite struct LogPlacesTests {
    private let begin = ContinuousClock.now

    private func taken(_ id: String, _ owner: String, follows: Bool = true) throws -> TakenLogRequest {
        let namespace = try #require(StoreNamespace("store-a"))
        let request = PodLogRequest(id: id, store: StoreID.random(), namespace: namespace, container: nil, tail: 1, follows: follows)
        return TakenLogRequest(request: request, owner: owner)
    }

    /// One worker's places, with that many followed logs of each owner, the first the oldest.
    private func places(_ counts: [(owner: String, count: Int)]) throws -> LogPlaces {
        let places = LogPlaces()
        for (owner, count) in counts {
            for number in 0..<count { _ = places.take(try taken("\(owner)\(number)", owner), at: begin + .seconds(number)) }
        }
        return places
    }

    @Test("followed logs leave room for those that are read once") func room() throws {
        let places = try places([("ada", 6), ("bob", 6)])
        #expect(places.room.followed == 0)
        #expect(places.room.read == LogPlaces.read)
        #expect(places.room.followedShare < LogPlaces.followed)
        places.leave(try taken("ada0", "ada"))
        #expect(places.room.followed == 1)
    }

    @Test("whoever waits gets a place of whoever has most, the oldest first") func fair() throws {
        let places = try places([("ada", 6), ("bob", 4), ("eve", 2)])
        #expect(places.release(forOwnersWith: [0], at: begin) == ["ada0"])
        // That one is on its way out: nobody else goes for the same wish.
        #expect(places.release(forOwnersWith: [0], at: begin).isEmpty)
        places.leave(try taken("ada0", "ada"))
        #expect(places.release(forOwnersWith: [0, 0], at: begin) == ["ada1", "bob0"])
    }

    @Test("whoever has one stream keeps it for its turn, and then makes room for who has none") func turns() throws {
        let places = try places((0..<12).map { ("user\($0)", 1) })
        #expect(places.release(forOwnersWith: [0], at: begin + .seconds(59)).isEmpty)
        #expect(places.release(forOwnersWith: [0], at: begin + .seconds(61)).count == 1)
        #expect(places.release(forOwnersWith: [1], at: begin + .seconds(61)).isEmpty)
    }

    @Test("what is handed back hears of it") func heard() async throws {
        let places = LogPlaces()
        let streams = [places.take(try taken("a", "ada"), at: begin), places.take(try taken("b", "ada"), at: begin + .seconds(1))]
        #expect(places.release(forOwnersWith: [0], at: begin) == ["a"])
        for await _ in streams[0] {}
        places.leave(try taken("b", "ada"))
        for await _ in streams[1] {}
    }
}
