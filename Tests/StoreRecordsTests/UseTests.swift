import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What stores used and how they answered, by the hour.
@Suite struct UseTests {
    private func numbers(_ json: String) throws -> [Int?] { try JSONDecoder().decode([Int?].self, from: Data(json.utf8)) }

    @Test("an hour has the mean of its looks at the CPU and the most memory, of the store in whose namespace it was")
    func hour() async throws {
        try await withRecords { records, pool in
            let (store, _) = try await records.accepted("Acme")
            let none = try #require(try await records.use(of: store.id, days: 8, visibleTo: nil))
            #expect(none.isMeasured == nil && none.days.isEmpty)
            for (cpu, memory) in [(100, 1 << 30), (200, 1 << 20), (400, 1 << 20)] {
                try await records.noteUse([
                    NamespaceUse(namespace: store.namespace.rawValue, cpuMillis: cpu, memoryBytes: memory),
                    NamespaceUse(namespace: "kube-system", cpuMillis: 5, memoryBytes: 5),
                ])
            }
            let use = try #require(try await records.use(of: store.id, days: 8, visibleTo: nil))
            #expect(use.isMeasured == true && use.days.count <= 2)
            // The hour may end while this runs.
            let cpu = try use.days.flatMap { try numbers($0.cpuMillis) }
            #expect(cpu.count.isMultiple(of: 24) && !cpu.isEmpty)
            let memory = try use.days.flatMap { try numbers($0.memoryBytes) }.compactMap { $0 }
            #expect(memory.max() == 1 << 30)
            if cpu.compactMap({ $0 }).count == 1 { #expect(cpu.compactMap { $0 } == [233] && memory == [1 << 30]) }
            try await records.noteUse(nil)
            #expect(try await records.use(of: store.id, days: 8, visibleTo: nil)?.isMeasured == false)
        }
    }

    @Test("the median of an hour stands in that hour, and one of fewer answers does not replace it") func responses() async throws {
        try await withRecords { records, pool in
            let (store, _) = try await records.accepted("Acme")
            let today = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
            func note(_ median: Int, of count: Int, hour: Int) async throws {
                let responses = [HourOfResponses(store: store.id, medianMillis: median, count: count)]
                try await records.note(responses, at: today.addingTimeInterval(Double(hour) * 3_600 + 59))
            }
            try await note(120, of: 10, hour: 0)
            try await note(80, of: 3, hour: 0)
            try await note(130, of: 10, hour: 0)
            try await note(90, of: 1, hour: 23)
            let day = try #require(try await records.use(of: store.id, days: 2, visibleTo: nil)?.days.last)
            let medians = try numbers(day.responseMillis)
            #expect(medians.count == 24 && medians[0] == 130 && medians[23] == 90 && medians[1..<23].allSatisfy { $0 == nil })
            #expect(try numbers(day.cpuMillis).allSatisfy { $0 == nil })
        }
    }

    @Test("after a year a day goes, and a store that is removed takes its days along; nobody else sees them") func pruned() async throws {
        try await withRecords { records, pool in
            let (store, _) = try await records.accepted("Acme")
            try await records.note([HourOfResponses(store: store.id, medianMillis: 1, count: 1)], at: Date())
            try await pool.query("INSERT INTO store_days (store_id, day) VALUES (\(store.id.rawValue), current_date - 400)")
            #expect(try await records.prune(.storeDays, by: Retention()) == 1)
            #expect(try await records.use(of: store.id, days: 366, visibleTo: nil)?.days.count == 1)
            let eve = StoreAccess(try #require(UserID("eve")), .viewer)
            #expect(try await records.use(of: store.id, days: 8, visibleTo: eve) == nil)
        }
    }
}
