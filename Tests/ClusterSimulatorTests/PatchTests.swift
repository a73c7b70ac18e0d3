import Testing

@testable import ClusterSimulator

@Suite struct PatchTests {
    private let pod: JSONValue = [
        "spec": [
            "containers": [
                ["name": "a", "image": "a:1", "env": [["name": "X", "value": "1"], ["name": "Y", "value": "2"]]],
                ["name": "b", "image": "b:1"],
            ],
            "command": ["one", "two"],
        ]
    ]

    @Test("a merge patch removes what is null and replaces lists")
    func merge() throws {
        let patched = try MergePatch.apply(
            JSONReader.read(Array(#"{"a":{"b":null},"l":[3]}"#.utf8)),
            to: ["a": ["b": 1, "c": 2], "l": [1, 2]]
        )
        #expect(patched == ["a": ["c": 2], "l": [3]])
    }

    @Test("a strategic merge patch merges containers and variables by name, in the order asked for")
    func strategic() {
        let patch: JSONValue = [
            "spec": [
                "$setElementOrder/containers": [["name": "b"], ["name": "a"]],
                "containers": [["name": "a", "env": [["name": "X", "$patch": "delete"], ["name": "Z", "value": "3"]]]],
                "command": ["three"],
            ]
        ]
        let patched = StrategicMergePatch.apply(patch, to: pod)
        #expect(patched.spec["containers"].array.map(\.nameMember) == ["b", "a"])
        #expect(patched.spec["containers"][1]["env"] == [["name": "Y", "value": "2"], ["name": "Z", "value": "3"]])
        #expect(patched.spec["containers"][1]["image"] == "a:1")
        #expect(patched.spec["command"] == ["three"])
    }

    @Test("$retainKeys drops what it does not name, $patch: replace replaces")
    func directives() {
        let target: JSONValue = ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1]], "m": ["a": 1]]
        let patch: JSONValue = ["strategy": ["$retainKeys": ["type"], "type": "Recreate"], "m": ["$patch": "replace", "b": 2]]
        #expect(StrategicMergePatch.apply(patch, to: target) == ["strategy": ["type": "Recreate"], "m": ["b": 2]])
    }

    @Test("a JSON patch adds, moves, tests, and refuses paths that are not there")
    func jsonPatch() throws {
        let patched = try JSONPatch.apply(
            [
                ["op": "test", "path": "/a~1b", "value": 1], ["op": "add", "path": "/l/-", "value": 3],
                ["op": "move", "from": "/a~1b", "path": "/c"], ["op": "remove", "path": "/l/0"],
            ],
            to: ["a/b": 1, "l": [1, 2]]
        )
        #expect(patched == ["c": 1, "l": [2, 3]])
        #expect(throws: APIFailure.self) { try JSONPatch.apply([["op": "remove", "path": "/x"]], to: ["a": 1]) }
        #expect(throws: APIFailure.self) { try JSONPatch.apply([["op": "test", "path": "/a", "value": 2]], to: ["a": 1]) }
    }

    private func apply(_ object: JSONValue, to live: JSONValue, by manager: String, force: Bool = false) throws -> JSONValue {
        try ServerSideApply.apply(object, to: live, kind: .configmaps, manager: manager, force: force, at: "now")
    }

    @Test("an apply prunes what its manager no longer applies, and nothing else")
    func prune() throws {
        let first = try apply(["data": ["a": "1", "b": "2"]], to: ["metadata": ["name": "x"]], by: "helm")
        let other = try apply(["data": ["c": "3"]], to: first, by: "somebody")
        let second = try apply(["data": ["a": "1"]], to: other, by: "helm")
        #expect(second["data"] == ["a": "1", "c": "3"])
    }

    @Test("an apply conflicts with another manager's different value unless it is forced")
    func conflict() throws {
        let first = try apply(["data": ["a": "1"]], to: .object([:]), by: "helm")
        #expect(try apply(["data": ["a": "1"]], to: first, by: "other")["data"] == ["a": "1"])
        #expect(throws: APIFailure.self) { try apply(["data": ["a": "2"]], to: first, by: "other") }
        let forced = try apply(["data": ["a": "2"]], to: first, by: "other", force: true)
        #expect(forced["data"] == ["a": "2"])
        #expect(try apply([:], to: forced, by: "helm")["data"] == ["a": "2"])
    }

    @Test("applied containers merge by name and are pruned by name")
    func keyedLists() throws {
        let first = try apply(pod, to: .object([:]), by: "helm")
        let second = try apply(["spec": ["containers": [["name": "a", "image": "a:2"]]]], to: first, by: "helm")
        #expect(second.spec == ["containers": [["name": "a", "image": "a:2"]]])
    }
}

extension JSONValue {
    fileprivate var nameMember: String? { self["name"].string }
}
