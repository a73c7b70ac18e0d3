import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What the cluster, containers and Helm say, through the statements that write it.
@Suite struct ForeignTextTests {
    private static let bad = "bad \0 \u{1}\u{7f} end"

    private func term(_ records: StoreRecords) async throws -> WatchTerm {
        WatchTerm(holder: "w1", number: try #require(try await records.term(of: .watch, holder: "w1", for: .seconds(600))))
    }

    private func observation(of store: Store, saying text: String) -> StoreObservation {
        StoreObservation(
            store: store.id,
            snapshot: NamespaceSnapshot(
                resources: [
                    ResourceSummary(kind: text, name: text, status: .error, replicas: text, createdAt: Date(timeIntervalSince1970: 1))
                ],
                events: [StoreEvent(timestamp: Date(timeIntervalSince1970: 1), message: text, kind: .warning)],
                quotas: QuotaUsage(cpuUsed: text, pvcLimit: text),
                replicas: 1,
                engineVersion: text
            ),
            verdict: HealthVerdict(.degraded, cause: text)
        )
    }

    @Test("a NUL in what the cluster says of one store costs no store its observation, its own included") func batch() async throws {
        try await withRecords { (records, _) async throws in
            let (bad, _) = try await records.accepted("Bad")
            let (good, _) = try await records.accepted("Good")
            let seen = [observation(of: bad, saying: Self.bad), observation(of: good, saying: "fine")]
            #expect(try await records.observe(seen, under: try await term(records)).isEmpty)
            #expect(try await records.detail(good.id, visibleTo: nil)?.snapshot?.events.map(\.message) == ["fine"])
            let said = try #require(try await records.detail(bad.id, visibleTo: nil)?.snapshot?.events.first?.message)
            #expect(said.hasPrefix("bad "))
            #expect(!said.utf8.contains(0))
        }
    }

    @Test("an observation that PostgreSQL refuses is told; all others of its batch are written, and of it how the store fares")
    func refused()
        async throws
    {
        try await withRecords { (records, _) async throws in
            var stores: [Store] = []
            for number in 0..<9 { stores.append(try await records.accepted("Store \(number)").0) }
            let seen = stores.enumerated().map { place, store in
                // A number for which the column has no room.
                var observation = observation(of: store, saying: "fine")
                observation.snapshot.podRestarts = [2, 7].contains(place) ? Int(Int32.max) + 1 : place
                return observation
            }
            let refused = try await records.observe(seen, under: try await term(records))
            #expect(Set(refused.map(\.store)) == Set([stores[2].id, stores[7].id]))
            for (place, store) in stores.enumerated() {
                let detail = try #require(try await records.detail(store.id, visibleTo: nil))
                let isRefused = [2, 7].contains(place)
                #expect(detail.store.podRestarts == (isRefused ? 0 : place))
                #expect(
                    detail.snapshot?.events.first?.message
                        == (isRefused ? "What the cluster says of this store cannot be recorded." : "fine")
                )
            }
        }
    }

    @Test("an attempt's notes are kept whatever is in them, and of bounded size") func notes() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor, times: LeaseTimes(lease: .seconds(600)))
            let huge = String(repeating: "e\u{301}", count: 1 << 20)
            for (number, text) in [Self.bad, huge, "\u{1b}[31mred\u{1b}[0m"].enumerated() {
                try await records.append(text, kind: .warning, stage: .workloads, source: .worker, under: claim)
                try await records.fail(.appDeployed, error: text, under: claim)
                let evidence = String(decoding: try JSONEncoder().encode(["log": [text], #"\\u0000 \u0000"#: []]), as: UTF8.self)
                try await records.record(cause: "crash-loop", evidence: evidence, under: claim)
                let secret = ResourceSummary(kind: "Secret", name: text, status: .active, createdAt: Date(timeIntervalSince1970: 1))
                try await records.save(ReleaseRecord(manifest: text, secrets: [secret]), under: claim)
                let request = PodLogRequest(
                    id: "r\(number)",
                    store: store.id,
                    namespace: store.namespace,
                    container: nil,
                    tail: 1,
                    follows: true
                )
                try await records.ask(request)
                #expect(try await records.send(PodLogChunk(lines: [text], error: text), for: request.id))
                #expect(try await records.takeLog(of: request.id).chunks.count == 1)
            }
            _ = try await records.settle(claim, as: .failed(message: Self.bad + huge, permanent: true))
            let longest: Int? = try await pool.query("SELECT max(octet_length(message)) AS longest FROM store_events").first?["longest"]
            #expect(try #require(longest) <= 2_010)
            let said = try #require(try await records.detail(store.id, visibleTo: nil)?.store.errorMessage)
            #expect(said.utf8.count <= 4_010)
            #expect(try await records.buildLog(of: store.id, attempt: nil, after: 0, limit: 10).map(\.text).contains("red"))
        }
    }

    @Test("any text goes through every statement, in batches of many stores, and a good store among them has its own") func fuzz()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let term = try await term(records)
            let (good, _) = try await records.accepted("Good")
            var stores: [Store] = []
            var claims: [Claim] = []
            for number in 0..<19 {
                let (store, descriptor) = try await records.accepted("Store \(number)")
                stores.append(store)
                claims.append(try await records.claimed(descriptor, times: LeaseTimes(lease: .seconds(600))))
            }
            let samples = [
                "Back-off pulling image \"a/b:1\"", "wp-db \\u0000 \\\\u0000 \u{0}", "{\"a\":\"\\u0000\"}", "\u{1b}[1mfatal\u{1b}[0m ü 🛒",
            ]
            let cases = Fuzzer.cases("text of the cluster", samples: samples, count: 19 * 20).map { String(decoding: $0, as: UTF8.self) }
            for round in 0..<20 {
                let texts = Array(cases[(round * 19)..<(round * 19 + 19)])
                var seen = zip(stores, texts).map { observation(of: $0, saying: $1) }
                seen.insert(observation(of: good, saying: "round \(round)"), at: round)
                #expect(try await records.observe(seen, under: term).isEmpty)
                #expect(try await records.detail(good.id, visibleTo: nil)?.snapshot?.events.map(\.message) == ["round \(round)"])
                for (claim, text) in zip(claims, texts) {
                    try await records.append(text, kind: .normal, stage: nil, source: .helm, under: claim)
                    let evidence = String(decoding: try JSONEncoder().encode([text: [text]]), as: UTF8.self)
                    try await records.record(cause: "helm", evidence: evidence, under: claim)
                }
                for (store, text) in zip(stores, texts) {
                    #expect(try await records.detail(store.id, visibleTo: nil)?.snapshot?.events.count == 1, "\(text)")
                }
            }
            let ended = try await records.settle(zip(claims, cases).map { ($0, .failed(message: $1, permanent: true)) })
            #expect(ended.allSatisfy { $0 != nil })
        }
    }
}
