import StoreDomain
import Testing

@Suite struct RepeatedMemberTests {
    @Test(
        "a member that an object has twice is found at any depth, however it is written",
        arguments: [
            (#"{"a":1,"b":2}"#, nil), (#"{"a":1,"a":2}"#, "a"), (#"{"a":1, "\u0061" :2}"#, "a"), (#"[{"a":1},{"a":2}]"#, nil),
            (#"{"a":{"b":1},"b":{"a":1}}"#, nil), (#"{"a":[{"b":{"c":1,"c":null}}]}"#, "c"), (#"{"a":"b","b":"a\":","c":["a","a"]}"#, nil),
            (#"{"a\"b":1,"a\"b":2}"#, "a\"b"), (#"{"{":"}","[":"]","{":1}"#, "{"), ("{}", nil), ("\"a\"", nil), ("[]", nil), ("", nil),
            (#"{"é":1,"e\u0301":2}"#, "é"),
        ] as [(String, String?)]
    )
    func found(json: String, name: String?) { #expect(RepeatedMember.name(in: json.utf8) == name) }

    @Test("what is no JSON at all ends, too", arguments: ["{\"a", "{\"a\\", "}}]]", "{\"a\":1,\"a\"", "\"", "{\"\\\"\\"])
    func broken(text: String) { _ = RepeatedMember.name(in: text.utf8) }
}
