import Observation
import StoreDomain
import TestSupport
import Testing

@Suite struct LogRedactionTests {
    @Test(
        "what looks like a secret is taken out of a line",
        arguments: [
            ("DB_PASSWORD=hunter2 x", "DB_PASSWORD=<redacted> x"), ("\"secret\": \"hunter2\"", "\"secret\": \"<redacted>\""),
            ("connecting to postgres://app:hunter2@db:5432/x", "connecting to postgres://app:<redacted>@db:5432/x"),
            ("redis://:hunter2@cache and mysql://a:b@c", "redis://:<redacted>@cache and mysql://a:<redacted>@c"),
            ("postgres://app:hunter@2@db/x", "postgres://app:<redacted>@db/x"),
            ("Authorization: Bearer hunter2.x", "Authorization: Bearer <redacted>"), ("nothing here", "nothing here"),
            ("token: Bearer hunter2", "token: <redacted>"), ("apiKey = 'correct horse' y", "apiKey = '<redacted>' y"),
            (#"{\"password\": \"hunter2\", \"a\": 1}"#, #"{\"password\": \"<redacted>\", \"a\": 1}"#),
            (#"{"password":"hunter \"2\" x","a":1}"#, #"{"password":"<redacted>","a":1}"#), ("password: \"\" a: 1", "password: \"\" a: 1"),
            ("pass\u{1b}[31mword=hunter2", "password=<redacted>"), ("\u{1b}]0;title\u{7}salt=pepper;x", "salt=<redacted>;x"),
            ("größe_passwd=ä x", "größe_passwd=<redacted> x"),
            ("it is no secret that http://a:80/ works", "it is no secret that http://a:80/ works"),
        ]
    )
    func redacts(line: String, expected: String) { #expect(LogRedaction.redact(line) == expected) }

    @Test("a line is cut before it is looked at, and what the cut went through does not come out as it is") func cut() {
        let long = String(repeating: "x", count: LogRedaction.lineLimit - 12) + " a://b:hunter2hunter2@c"
        #expect(LogRedaction.redact(long).hasSuffix(" a://b:<redacted>"))
        #expect(LogRedaction.redact(String(repeating: "e\u{301}", count: 1_000_000)).utf8.count <= LogRedaction.lineLimit)
    }

    /// What one byte may cost: the words of a secret's name, tried at each, and a few looks ahead.
    private static let stepsForAByte = 24

    @Test(
        "any line takes steps in proportion to its length",
        arguments: [
            "password", "a", "a.", "password ", "token=", "token = ", "secret\"", "bearer ", "Bearer", "://", "://a:", "a://b:c@", ":", "@",
            "\\\"", "salt: '", "api_", "privat", "passwor", " ", "\u{e9}", "\u{1b}[", "\u{1b}]", "Basic Bearer ", "token:Basic ",
        ]
    )
    func linear(piece: String) {
        for copies in [125, 2_000, 20_000] {
            let line = PlainText(String(repeating: piece, count: copies).utf8, atMost: 1 << 20)
            #expect(LogRedaction.scan(line).steps <= Self.stepsForAByte * (line.text.utf8.count + 1))
        }
    }

    @Test("no line of any pieces takes more") func fuzz() {
        let samples = [
            "password=hunter2 secret token: \"x\" ", "postgres://app:hunter2@db:5432/x://a:b://c:d@",
            "Authorization: Bearer x Basic y bearer ",
            "api_key private-key apikey=' \\\" salt: '", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ]
        var worst = 0.0
        Fuzzer.run("lines of logs", samples: samples.map { String(repeating: $0, count: 8) }, count: 1_000) { bytes in
            let line = PlainText(bytes, atMost: 1 << 20)
            let scanned = LogRedaction.scan(line)
            worst = max(worst, Double(scanned.steps) / Double(line.text.utf8.count + 1))
            #expect(!scanned.text.utf8.contains(0))
        }
        print("at most \(worst) steps for a byte")
        #expect(worst <= Double(Self.stepsForAByte))
    }
}
