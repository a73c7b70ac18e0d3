import Foundation
import Program
import Testing

@Suite struct HTTPDateTests {
    @Test(
        "is written and read as HTTP has it",
        arguments: [(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (1_795_737_600, "Fri, 27 Nov 2026 00:00:00 GMT")]
    )
    func both(_ seconds: Int, _ text: String) {
        let date = Date(timeIntervalSince1970: TimeInterval(seconds))
        #expect(HTTPDate.text(date) == text)
        #expect(HTTPDate.date(text) == date)
    }

    @Test("what is no date is none", arguments: ["", "0", "Sunday, 06-Nov-94 08:49:37 GMT"]) func none(_ text: String) {
        #expect(HTTPDate.date(text) == nil)
    }
}
