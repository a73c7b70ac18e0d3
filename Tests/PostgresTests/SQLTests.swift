import Foundation
import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test("interpolated values become parameters, fragments become text") func rendering() {
        let nobody: String? = nil
        let fragment: SQL = "b = \(2) AND"
        let (text, parameters) = ("SELECT \(1) WHERE \(fragment) c = \(nobody) OR d = \("x'; DROP TABLE y")" as SQL).rendered()
        #expect(text == "SELECT $1 WHERE b = $2 AND c = $3 OR d = $4")
        #expect(parameters == ["1", "2", nil, "x'; DROP TABLE y"])
    }

    @Test("times survive to the microsecond", arguments: [0, 1_795_424_801.161212, -86_400.5, 951_782_399.999999, 253_402_300_799])
    func timestamps(seconds: Double) throws {
        let date = Date(timeIntervalSince1970: seconds)
        let read = try #require(PostgresTimestamp.date(PostgresTimestamp.text(date)))
        #expect(abs(read.timeIntervalSince(date)) < 0.000_001)
    }

    @Test("what is no time is refused", arguments: ["infinity", "", "2026-11-23", "2026-11-23 07:46:41+02", "2026-13-23 07:46:41+00"])
    func refused(text: String) {
        #expect(PostgresTimestamp.date(text) == nil)
    }

    @Test(
        "a wrong connection string is refused without showing its password",
        arguments: ["mysql://a:hunter2@b", "hunter2", "postgresql://a:hunter2@b:port/db?x=y"]
    )
    func connectionStrings(url: String) {
        #expect {
            try PostgresConfiguration(url: url, applicationName: "tests")
        } throws: { error in
            (error as? PostgresError)?.code == .configuration && !"\(error)".contains("hunter2")
        }
    }

    @Test("a configuration prints without its password") func redaction() throws {
        let configuration = try PostgresConfiguration(url: "postgresql://user:hunter2@db.example:5433/store", applicationName: "tests")
        #expect("\(configuration)" == "postgresql://db.example:5433/store")
    }

    @Test("the least recently used statement makes room, and no name comes twice") func statementCache() {
        var cache = StatementCache(capacity: 2)
        let names = ["a", "b"].map { text in
            let name = cache.newName()
            cache.insert(text, name: name)
            return name
        }
        #expect(!cache.hasDropped)
        #expect(cache.name(of: "a") == names[0])
        let third = cache.newName()
        #expect(!names.contains(third))
        cache.insert("c", name: third)
        #expect(cache.takeDropped() == [names[1]])
        #expect(!cache.hasDropped)
        #expect(cache.name(of: "b") == nil)
        #expect(cache.name(of: "c") == third)
    }
}
