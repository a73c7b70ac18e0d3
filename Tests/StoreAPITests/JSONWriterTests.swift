import Foundation
import NIOCore
import Testing

@testable import StoreAPI

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        json.object(body)
        return String(buffer: json.buffer)
    }

    @Test(
        "times are ISO 8601 in UTC with milliseconds, as Foundation writes them",
        arguments: [0, 0.0015, 951_782_399.999, 1_763_900_000.25, 4_102_444_800, -1, -0.001, 253_402_300_799.5]
    ) func times(seconds: Double) {
        let date = Date(timeIntervalSince1970: (seconds * 1_000).rounded(.down) / 1_000)
        let expected = date.addingTimeInterval(0.0001).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(written { $0.field("at", date.addingTimeInterval(0.0001)) } == #"{"at":"\#(expected)"}"#)
    }

    @Test("no time is null") func noTime() { #expect(written { $0.field("at", Date?.none) } == #"{"at":null}"#) }

    @Test(
        "text reads back as it was, whatever is in it",
        arguments: ["", "plain", "\"", "\\", "a\"b\\c\nd\te\u{0}f\u{1f}g", "größer 🛒", "\u{2028}", "</script>"]
    ) func text(value: String) throws {
        let json = written { $0.field("text", value) }
        let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        #expect(read?["text"] == value)
        #expect(!json.contains("\n"))
    }
}
