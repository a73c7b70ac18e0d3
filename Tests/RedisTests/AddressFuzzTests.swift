import Redis
import TestSupport
import Testing

@Suite struct RedisAddressFuzzTests {
    @Test("any text is an address or a typed error, and the error does not tell the password")
    func addresses() {
        var taken = 0
        let samples = [
            "redis://weaver:s3cretpass@cache.example:6379/1", "redis://:s3cretpass@[::1]", "redis+unix:///run/redis.sock?db=2",
            "rediss://:s3cretpass@a",
        ]
        Fuzzer.run("REDIS_URL", samples: samples, count: 4_000) { bytes in
            do throws(RedisError) {
                _ = try RedisConfiguration(url: String(decoding: bytes, as: UTF8.self), clientName: "fuzz")
                taken += 1
            } catch {
                #expect(error.code == .configuration)
                #expect(!"\(error)".contains("s3cretpass"))
            }
        }
        #expect((400...3_600).contains(taken), "both ways are taken: \(taken) of 4000")
    }
}
