import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Who gets a worker's places for logs.
@Suite struct PodLogTests {
    private let room = LogRoom(followed: 12, followedShare: 6, read: 8, readShare: 4)

    private func ask(_ records: StoreRecords, _ store: Store, _ id: String, follows: Bool = true) async throws {
        try await records.ask(
            PodLogRequest(id: id, store: store.id, namespace: store.namespace, container: nil, tail: 1, follows: follows)
        )
    }

    private func owners(_ taken: [TakenLogRequest]) -> [String: Int] { Dictionary(taken.map { ($0.owner, 1) }) { $0 + $1 } }

    @Test("fifty streams of one owner leave room for everybody else's, and requests that are soon over go beside them") func shares()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (hers, _) = try await records.accepted("Hers", owner: "ada")
            let (his, _) = try await records.accepted("His", owner: "bob")
            for number in 0..<50 { try await ask(records, hers, "a\(number)") }
            let first = try await records.takeLogRequests(worker: "w", room: room)
            #expect(owners(first) == ["ada": 6])
            for number in 0..<20 { try await ask(records, hers, "r\(number)", follows: false) }
            try await ask(records, his, "b")
            try await ask(records, his, "c", follows: false)
            var left = room
            left.followed = 6
            #expect(owners(try await records.takeLogRequests(worker: "w", room: left)) == ["ada": 4, "bob": 2])
            // Her share is used up; his is not.
            try await ask(records, his, "d")
            #expect(owners(try await records.takeLogRequests(worker: "w", room: left)) == ["bob": 1])
        }
    }

    @Test("the owners take turns: whoever has asked least comes first") func turns() async throws {
        try await withRecords { (records, _) async throws in
            var small = room
            small.followed = 3
            for owner in ["ada", "bob", "eve"] {
                let (store, _) = try await records.accepted("Store of \(owner)", owner: owner)
                for number in 0..<(owner == "ada" ? 9 : 1) { try await ask(records, store, "\(owner)\(number)") }
            }
            #expect(owners(try await records.takeLogRequests(worker: "w", room: small)) == ["ada": 1, "bob": 1, "eve": 1])
            // Only she waits, and has one here.
            #expect(try await records.ownersWaitingToFollow(worker: "w") == [1])
            #expect(try await records.ownersWaitingToFollow(worker: "another") == [0])
        }
    }

    @Test("a worker without a free place takes nothing, and two take each request once") func room() async throws {
        try await withRecords { (records, _) async throws in
            let (store, _) = try await records.accepted("Acme")
            for number in 0..<6 { try await ask(records, store, "a\(number)") }
            let full = LogRoom(followed: 0, followedShare: 6, read: 8, readShare: 4)
            #expect(try await records.takeLogRequests(worker: "w", room: full).isEmpty)
            async let one = records.takeLogRequests(worker: "w1", room: room)
            async let two = records.takeLogRequests(worker: "w2", room: room)
            let ids = try await (one + two).map(\.request.id)
            #expect(Set(ids).count == ids.count)
            let rest = try await records.takeLogRequests(worker: "w1", room: room).map(\.request.id)
            #expect(Set(ids + rest).count == 6)
        }
    }
}
