import Testing

@testable import ClusterSimulator

@Suite struct SelectorTests {
    private let labels = ["app": "store", "tier": "web"]

    @Test(
        "label selectors match as kubectl's do",
        arguments: [
            ("app=store", true), ("app==store,tier=web", true), ("app!=store", false), ("other!=x", true), ("app in (store, x)", true),
            ("app notin (store)", false), ("app", true), ("!app", false), ("!other", true), ("", true), ("tier in (a,b),app=store", false),
        ]
    )
    func labels(query: String, expected: Bool) throws { #expect(try LabelSelector(query: query).matches(labels) == expected) }

    @Test(
        "field selectors follow paths",
        arguments: [("metadata.name=x", true), ("metadata.name!=x", false), ("status.phase=", true), ("status.phase!=Running", true)]
    )
    func fields(query: String, expected: Bool) throws {
        #expect(try FieldSelector(query: query).matches(["metadata": ["name": "x"]]) == expected)
    }
}
