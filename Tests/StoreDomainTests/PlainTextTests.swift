import StoreDomain
import Testing

@Suite struct PlainTextTests {
    @Test(
        "what a terminal, a database or a reader would stumble over is left out",
        arguments: [
            ("bad \0 end", "bad  end"), ("\u{1b}[1;31mred\u{1b}[0m", "red"), ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7}", "link"),
            ("\u{9b}31mred", "red"), ("never \u{1b}[31", "never "), ("\u{1b}]0;never\nnext", "\nnext"), ("\u{1b}(Bx", "x"),
            ("a\tb\r\nc", "a\tb\nc"), ("user\u{202e}gnp.exe", "usergnp.exe"), ("größer 🛒", "größer 🛒"), ("", ""),
        ]
    )
    func tamed(text: String, expected: String) { #expect(PlainText(text.utf8, atMost: 1_000).text == expected) }

    @Test("bytes that are no UTF-8 are repaired") func repaired() {
        #expect(PlainText([0x61, 0xff, 0xc3, 0x62], atMost: 10).text == "a\u{fffd}\u{fffd}b")
    }

    @Test("it has at most so many bytes, whole characters of them, and says whether there was more") func bounded() {
        let cut = PlainText("ab🛒c".utf8, atMost: 4)
        #expect(cut.text == "ab")
        #expect(cut.isCut)
        #expect(!PlainText("ab🛒".utf8, atMost: 6).isCut)
        #expect("ab🛒c".plain(atMost: 4) == "ab…")
        #expect("abc".plain(atMost: 3) == "abc")
    }
}
