import JobQueue
import StoreDomain
import Testing

@Suite struct FairnessTests {
    @Test("a user's delete does not put others behind that user's provisions") func sharesOfTheirOwn() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...100).map { try descriptor($0, user: "ada") })
            try await queue.enqueue([try descriptor(300, .delete, user: "ada")])
            #expect(try await queue.takenNumbers(1) == [300])
            try await queue.enqueue([try descriptor(200, user: "bob")])
            #expect(try await queue.takenNumbers(2).contains(200))
        }
    }

    @Test("what a user asked for and took back counts no longer once the queue was empty") func busyPeriod() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...100).map { try descriptor($0, user: "ada") })
            for number in 1...100 as ClosedRange<Int64> {
                #expect(try await queue.cancel(try #require(JobID(number)), reason: "ada") == .removed)
            }
            #expect(try await queue.taken() == nil)
            try await queue.enqueue(try (101...150).map { try descriptor($0, user: "bob") })
            try await queue.enqueue([try descriptor(200, user: "ada")])
            #expect(try await queue.takenNumbers(2).contains(200))
        }
    }

    @Test("what was handed back before the queue was empty comes before what came after") func comesBackFirst() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1, user: "ada"), try descriptor(2, user: "bob")])
            let first = try #require(try await queue.taken())
            _ = try await queue.taken()
            #expect(try await queue.taken() == nil)
            try await queue.enqueue([try descriptor(3, user: "eve")])
            #expect(try await queue.release(first, after: .zero, reason: "its worker was stopped"))
            #expect(try await queue.takenNumbers(2) == [1, 3])
        }
    }
}
