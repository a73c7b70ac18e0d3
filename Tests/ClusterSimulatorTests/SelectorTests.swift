import Testing

@testable import ClusterSimulator

@Suite struct SelectorTests {
    private let labels = ["app": "shop", "tier": "web"]

    @Test(
        "label selectors match as kubectl's do",
        arguments: [
            ("app=shop", true), ("app==shop,tier=web", true), ("app!=shop", false), ("other!=x", true), ("app in (shop, x)", true),
            ("app notin (shop)", false), ("app", true), ("!app", false), ("!other", true), ("", true), ("tier in (a,b),app=shop", false),
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
