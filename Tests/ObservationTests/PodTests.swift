import Foundation
import Observation
import Testing

@Suite struct PodTests {
    /// As a real kubelet tells it: `containerStatuses` by name, whatever the specification's order.
    private func pod(setup: String) throws -> Pod {
        let text = #"""
            {"metadata":{"name":"wordpress-1"},
             "spec":{"initContainers":[{"name":"setup"}],"containers":[{"name":"wordpress"},{"name":"cron"}]},
             "status":{"initContainerStatuses":[{"name":"setup","state":\#(setup)}],
                       "containerStatuses":[{"name":"cron","state":{}},{"name":"wordpress","state":{}}]}}
            """#
        return try JSONDecoder().decode(Pod.self, from: Data(text.utf8))
    }

    @Test("the container whose log is told is the first of the specification, not the first by name") func main() throws {
        let pod = try pod(setup: #"{"terminated":{"exitCode":0}}"#)
        #expect(pod.mainContainer == "wordpress")
        #expect(pod.containers.map(\.name) == ["setup", "wordpress", "cron"])
    }

    @Test(
        "while the set-up runs, or ended badly, it is the set-up",
        arguments: [#"{"running":{}}"#, #"{"waiting":{"reason":"CrashLoopBackOff"}}"#, #"{"terminated":{"exitCode":1}}"#]
    )
    func setup(state: String) throws { #expect(try pod(setup: state).mainContainer == "setup") }
}
