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

    @Test("what has to be escaped is found wherever it stands, and nothing else is", arguments: 0..<19) func everyPlace(place: Int) throws {
        for byte in [UInt8(0), 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f] {
            var letters = Array(repeating: UInt8(ascii: "a"), count: 19)
            letters[place] = byte
            let value = String(decoding: letters, as: UTF8.self)
            let json = written { $0.field("text", value) }
            #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["text": value])
            #expect(json.contains("\\") == (byte < 0x20 || byte == 0x22 || byte == 0x5c))
        }
    }

    @Test("grows as it has to, and times of one day after another are each right") func grows() throws {
        var json = JSONWriter(capacity: 1)
        let dates = (0..<200).map { Date(timeIntervalSince1970: Double($0) * 40_000 - 3_000_000) }
        json.object { json in
            json.array("times", dates) { json, date in json.object { $0.field("at", date) } }
            json.field("url", "http://a\"b", followedBy: "/app")
            json.field("none", String?.none, followedBy: "/app")
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.buffer.readableBytesView)) as? [String: Any])
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect((object["times"] as? [[String: String]])?.map { $0["at"] } == dates.map { $0.formatted(style) })
        #expect(object["url"] as? String == "http://a\"b/app" && object["none"] is NSNull)
    }
}
