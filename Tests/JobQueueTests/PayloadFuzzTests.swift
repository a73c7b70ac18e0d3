import Foundation
import Redis
import StoreDomain
import TestSupport
import Testing

@testable import JobQueue

@Suite struct PayloadFuzzTests {
    private static let jobs = [
        ["17", "provision", "interactive", "a1b2c3d4e5f6", "store-acme", "ada", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        ["9223372036854775807", "delete", "delete", "f00000000000", "store-a-1", "", ""],
        ["3", "apply", "background", "bcdefabcdef0", "store-x", "ada@example.com", ""],
    ]

    /// Fields are parted by U+001F, jobs by lines: what stands without the former is a text, otherwise a list of texts.
    private static func reply(_ bytes: [UInt8]) -> RedisValue {
        .array(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let fields = line.split(separator: "\u{1f}", omittingEmptySubsequences: false).map { RedisValue.string(String($0)) }
                return fields.count == 1 ? fields[0] : .array(fields)
            }
        )
    }

    @Test("any fields of a job are a descriptor that says the same, or a queue's error")
    func descriptors() throws {
        var known = 0
        try Fuzzer.run("jobs in Redis", samples: Self.jobs.map { $0.joined(separator: "\u{1f}") }, count: 4_000) { bytes in
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\u{1f}", omittingEmptySubsequences: false).map(
                String.init
            )
            let descriptor: JobDescriptor
            do { descriptor = try JobDescriptor(reply: fields) } catch is QueueError { return }
            known += 1
            // As keys are made of them, another spelling would be another job.
            #expect(descriptor.queueFields[..<5] == fields[..<5])
            #expect(descriptor.user == UserID(fields[5]))
            #expect(descriptor.traceparent ?? "" == fields[6])
        }
        #expect((400...3_600).contains(known), "both ways are taken: \(known) of 4000")
    }

    @Test("any answer of take is an outcome, with a job at least and a token for each, whatever else is in it, or a queue's error")
    func takes() throws {
        let jobs = Self.jobs.map { $0.joined(separator: "\u{1f}") }
        let samples = ["taken\n" + jobs.joined(separator: "\n"), "taken\n" + jobs[0], "paused\nnight", "capped\n250", "empty\n-1"]
        var known: [String: Int] = [:]
        try Fuzzer.run("answers of take", samples: samples, count: 4_000) { bytes in
            do {
                let reply = try TakeReply(reply: Self.reply(bytes), worker: "w", token: "t")
                if !reply.unreadable.isEmpty { known["unreadable", default: 0] += 1 }
                switch reply.outcome {
                case .taken(let jobs):
                    known["taken", default: 0] += 1
                    #expect(!jobs.isEmpty)
                    let tokens = jobs.map(\.token) + reply.unreadable.map { $0[1] }
                    #expect(Set(tokens) == Set((1...tokens.count).map { "t-\($0)" }))
                case .empty(let wait), .capped(let wait):
                    known["waiting", default: 0] += 1
                    #expect(wait.map { $0 >= .zero } ?? true)
                case .paused: known["paused", default: 0] += 1
                }
            } catch is QueueError { known["refused", default: 0] += 1 }
        }
        #expect(
            Set(known.keys) == ["taken", "waiting", "paused", "refused", "unreadable"] && known.values.allSatisfy { $0 >= 100 },
            "\(known)"
        )
    }

    @Test("a job's number has one spelling", arguments: ["+7", "07", " 7", "-7", "0", "9223372036854775808", "٧", ""])
    func numbers(text: String) {
        #expect(JobID(text) == nil)
        #expect(JobID("7")?.description == "7")
    }
}
