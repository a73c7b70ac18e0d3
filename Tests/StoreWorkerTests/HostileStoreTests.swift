import Cluster
import Foundation
import Observation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@testable import StoreWorker

/// Whatever a store's objects, its containers and Helm say goes the whole way (decoding, view, diagnosis, snapshot, evidence, redaction) into PostgreSQL,
/// in one batch with a good store's.
@Suite struct HostileStoreTests {
    private static let pod = #"""
        {"metadata":{"name":"wordpress-0","namespace":"store-a","annotations":{"store-weaver.dev/engine-version":"@"}},"status":{"phase":"@","reason":"Evicted",\#
        "message":"@","conditions":[{"type":"Ready","status":"False","reason":"@","message":"@"},{"type":"PodScheduled","status":"False",\#
        "reason":"Unschedulable","message":"0/1 nodes: @"}],"containerStatuses":[{"name":"wordpress","restartCount":7,"image":"@",\#
        "state":{"waiting":{"reason":"CrashLoopBackOff","message":"@"}},"lastState":{"terminated":{"exitCode":1,"reason":"@"}}}]}}
        """#
    private static let event = #"""
        {"metadata":{"name":"e","namespace":"store-a"},"type":"Warning","reason":"Failed","message":"@","lastTimestamp":"@",\#
        "involvedObject":{"kind":"@","name":"wordpress-0"}}
        """#
    private static let quota =
        #"{"metadata":{"name":"store-quota"},"status":{"hard":{"requests.cpu":"@"},"used":{"requests.cpu":"@","requests.storage":"@"}}}"#
    private static let deployment = #"""
        {"metadata":{"name":"wordpress","annotations":{"store-weaver.dev/engine-version":"@"}},"spec":{"replicas":1},"status":{"conditions":[\#
        {"type":"ReplicaFailure","status":"True","message":"exceeded quota @"}]}}
        """#

    /// As JSON escapes them, since that is how they come.
    private static let words = [
        #"bad \u0000"#, #"\\u0000"#, #"\u001b[31mred\u001b[0m"#, #"\ud83d\uded2"#, "ü", #"\u202egnp"#,
        String(repeating: "m", count: 100_000),
        String(repeating: #"\u0000"#, count: 1_000), #"password=hunter2\u0000"#, String(repeating: "e\u{301}", count: 50_000),
    ]

    @Test("nothing that a store says is refused or kept whole, and the good store beside it is written each time") func everything()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let decoder = JSONDecoder()
            let term = WatchTerm(holder: "w", number: try #require(try await records.term(of: .watch, holder: "w", for: .seconds(600))))
            func accepted(_ name: String) async throws -> (Store, Claim) {
                let store = NewStore(name: try StoreName(name), engine: .woocommerce, owner: UserID("ada"))
                guard
                    case .accepted(let store, let descriptor) = try await records.create(
                        store,
                        limits: StoreLimits(total: 100, perUser: 100)
                    ),
                    case .claimed(let claim) = try await records.claim(
                        descriptor,
                        worker: "w",
                        times: LeaseTimes(lease: .seconds(600)),
                        limits: ClassLimits(interactive: 100)
                    )
                else { throw TestSupportError(message: "\(name) was not accepted") }
                return (store, claim)
            }
            let (good, _) = try await accepted("Good")
            let (bad, claim) = try await accepted("Bad")
            let fuzzed = Fuzzer.cases("a store's words", samples: Self.words.filter { $0.utf8.count < 10_000 }, count: 100)
                .map { String(decoding: $0, as: UTF8.self) }
            var decoded = 0
            for (round, word) in (Self.words + fuzzed).enumerated() {
                func object<Object: Decodable>(_ template: String, as: Object.Type = Object.self) -> Object? {
                    try? decoder.decode(Object.self, from: Data(template.replacing("@", with: word).utf8))
                }
                var view = NamespaceView()
                if let pod = object(Self.pod, as: Pod.self) { view.pods[pod.name] = pod }
                if let event = object(Self.event, as: ClusterEvent.self) { view.events[event.name] = event }
                if let quota = object(Self.quota, as: ResourceQuota.self) { view.quotas[quota.name] = quota }
                if let deployment = object(Self.deployment, as: Workload.self) { view.deployments[deployment.name] = deployment }
                decoded += view.pods.isEmpty ? 0 : 1
                let diagnosis = Diagnosis.first(in: view)
                let health = Health.verdict(of: view, namespace: bad.namespace, problem: word)
                var fine = NamespaceSnapshot(events: [
                    StoreEvent(timestamp: Date(timeIntervalSince1970: 1), message: "round \(round)", kind: .normal)
                ])
                fine.replicas = 1
                let refused = try await records.observe(
                    [
                        StoreObservation(store: bad.id, snapshot: view.snapshot, verdict: HealthVerdict(.degraded, cause: health.cause)),
                        StoreObservation(store: good.id, snapshot: fine, verdict: nil),
                    ],
                    under: term
                )
                #expect(refused.isEmpty)
                #expect(try await records.detail(good.id, visibleTo: nil)?.snapshot?.events.map(\.message) == ["round \(round)"])
                let line = LogRedaction.redact(word)
                #expect(round >= Self.words.count || !line.contains("hunter2"))
                try await records.append(line, kind: .normal, stage: nil, source: .helm, under: claim)
                let evidence = Evidence(view, log: [line]).json
                #expect(evidence.utf8.count < 100_000)
                try await records.record(cause: diagnosis?.cause.rawValue ?? "helm", evidence: evidence, under: claim)
                try await records.fail(.appDeployed, error: diagnosis?.text ?? word, under: claim)
                try await records.append(
                    Diagnosis(ClusterError(code: .helm(1), message: word)).text,
                    kind: .error,
                    stage: .release,
                    source: .worker,
                    under: claim
                )
            }
            #expect(decoded >= Self.words.count)
            let snapshot: Int? = try await pool.query("SELECT max(octet_length(n::text)) AS size FROM store_snapshots n").first?["size"]
            #expect(try #require(snapshot) < 10_000)
        }
    }

    @Test("ten thousand events with long messages are kept as few, the newest warnings among them") func events() throws {
        let decoder = JSONDecoder()
        var view = NamespaceView()
        let message = String(repeating: "m", count: 10_000)
        let list = (0..<10_000).map { number in
            let time = String(format: "2026-01-01T%02d:%02d:%02dZ", number / 3_600, number / 60 % 60, number % 60)
            let type = number == 9_000 ? "Warning" : "Normal"
            return #"{"metadata":{"name":"e\#(number)"},"type":"\#(type)","message":"\#(message)","lastTimestamp":"\#(time)"}"#
        }
        for text in list {
            let event = try decoder.decode(ClusterEvent.self, from: Data(text.utf8))
            view.events[event.name] = event
            view.forgetOldEvents()
        }
        #expect(view.events.count <= 400)
        #expect(view.events["e9000"] != nil)
        #expect(view.events["e9999"] != nil)
        #expect(view.events.values.allSatisfy { ($0.message?.utf8.count ?? 0) <= 1_010 })
        #expect(view.snapshot.events.count <= 100)
    }
}
