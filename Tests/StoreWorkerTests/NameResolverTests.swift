import CResolver
import StoreDomain
import TestSupport
import Testing

@testable import StoreWorker

@Suite struct NameResolverTests {
    @Test("a resolver that does not answer says nothing of a name") func away() async throws {
        // Nothing listens on port 1.
        let resolver = NameResolver(servers: [try #require(NameServer("127.0.0.1:1"))], seconds: 1)
        #expect(await resolver.texts(of: "_store-weaver.www.example.com") == .unknown)
        #expect(await resolver.addresses(of: "www.example.com") == .unknown)
    }

    @Test("an answer of any bytes is read or refused") func anyBytes() {
        var random = SystemRandomNumberGenerator()
        // A header with one answer, and a question, before bytes that are anything.
        let head: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3, 0x77, 0x77, 0x77, 0, 0, 16, 0, 1]
        for _ in 0..<5_000 {
            var answer = head + (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { answer[Int.random(in: 0..<answer.count, using: &random)] ^= 0xff }
            var record = resolver_record()
            let found = answer.withUnsafeBufferPointer { bytes -> Bool in
                guard resolver_record_at(bytes.baseAddress, Int32(bytes.count), 0, &record) == 1, let base = bytes.baseAddress else {
                    return true
                }
                // What it says lies in the answer.
                return record.data >= base && record.data + Int(record.length) <= base + bytes.count
            }
            #expect(found)
        }
    }
}
