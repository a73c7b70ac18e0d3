import Cluster
import Foundation
import Observation
import TestSupport
import Testing

@Suite struct ObjectFuzzTests {
    static let pod = """
        {"metadata":{"name":"store-0","namespace":"store-a","uid":"u","resourceVersion":"7","creationTimestamp":"2026-01-01T00:00:00Z",\
        "labels":{"app":"a"},"annotations":{"a":"b"},"ownerReferences":[{"kind":"ReplicaSet","name":"r"}]},"spec":{"containers":[{"name":"c"}]},\
        "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","reason":"r","message":"m",\
        "lastTransitionTime":"2026-01-01T00:00:00Z"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":3,"image":"i",\
        "state":{"waiting":{"reason":"CrashLoopBackOff","message":"m"}},"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}}
        """
    static let event = """
        {"metadata":{"name":"e","namespace":"store-a","resourceVersion":"8"},"type":"Warning","reason":"Failed","message":"m","count":2,\
        "involvedObject":{"kind":"Pod","name":"store-0"},"lastTimestamp":"2026-01-01T00:00:00Z"}
        """

    @Test("any line of a watch is an event or a decoding error")
    func watchLines() throws {
        let samples =
            ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"].map { #"{"type":"\#($0)","object":\#(Self.pod)}"# }
            + [#"{"type":"ERROR","object":{"code":410,"message":"too old"}}"#, #"{"type":"ADDED","object":\#(Self.event)}"#]
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        var known = 0
        try Fuzzer.run("lines of a watch", samples: samples, count: 4_000) { bytes in
            do {
                _ = try decoder.decode(WatchEvent<Pod>.self, from: Data(bytes))
                known += 1
            } catch is DecodingError {}
            do { _ = try decoder.decode(WatchEvent<ClusterEvent>.self, from: Data(bytes)) } catch is DecodingError {}
            do { _ = try decoder.decode(WatchEvent<Workload>.self, from: Data(bytes)) } catch is DecodingError {}
        }
        #expect((400...3_600).contains(known), "both ways are taken: \(known) of 4000")
    }

    @Test("any JSON is read and written back as the same, or is a decoding error")
    func json() throws {
        var known = 0
        try Fuzzer.run("JSON of the cluster", samples: [Self.pod, Self.event, "[1,-2.5,true,null,\"a\"]"], count: 4_000) { bytes in
            let value: JSON
            do { value = try JSON(data: Data(bytes)) } catch is DecodingError { return }
            known += 1
            #expect(try JSON(data: value.data()) == value)
        }
        #expect((400...3_600).contains(known), "both ways are taken: \(known) of 4000")
    }

    @Test("any words of Helm give a diagnosis that people can read")
    func helm() {
        let samples = [
            "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
            "Error: INSTALLATION FAILED: pods \"a\" is forbidden: exceeded quota: q, requested: cpu=1, used: cpu=4, limited: cpu=4",
            "Error: values don't meet the specifications of the schema(s)\n- at '/x': missing property",
        ]
        Fuzzer.run("Helm's output", samples: samples, count: 2_000) { bytes in
            let diagnosis = Diagnosis(ClusterError(code: .helm(1), message: String(decoding: bytes, as: UTF8.self)))
            #expect(diagnosis.what.hasPrefix("Helm says: "))
            #expect(diagnosis.what.count < 2_000)
        }
    }
}
