import Postgres
import TestSupport
import Testing

@Suite struct AddressFuzzTests {
    @Test("any text is an address or a typed error, and neither tells the password")
    func addresses() {
        var taken = 0
        let samples = [
            "postgresql://weaver:s3cretpass@db.example:5432/weaver?sslmode=require", "postgres://u:s3cretpass@[::1]/d?host=/tmp&port=1",
            "postgresql:///d?user=u&password=s3cretpass",
        ]
        Fuzzer.run("DATABASE_URL", samples: samples, count: 4_000) { bytes in
            do throws(PostgresError) {
                let configuration = try PostgresConfiguration(url: String(decoding: bytes, as: UTF8.self), applicationName: "fuzz")
                taken += 1
                #expect(!configuration.description.contains("s3cretpass"))
            } catch {
                #expect(error.code == .configuration)
                #expect(!"\(error)".contains("s3cretpass"))
            }
        }
        #expect((400...3_600).contains(taken), "both ways are taken: \(taken) of 4000")
    }
}
