@testable import ClusterSimulator

/// Drives a cluster's state on a clock that the test moves, through its API.
struct ClusterDriver {
    let cluster: ClusterState

    init(_ cluster: ClusterState = ClusterState()) { self.cluster = cluster }

    func respond(
        _ method: String,
        _ path: String,
        _ body: JSONValue? = nil,
        query: [String: String] = [:],
        type: String = "application/json",
        agent: String = "test/1",
        headers: [String: String] = [:]
    ) -> APIResponse {
        cluster.respond(
            to: APIRequest(
                method: method,
                path: path,
                query: query,
                contentType: type,
                userAgent: agent,
                headers: headers,
                body: body?.serialized() ?? []
            )
        )
    }

    /// The status and the body, which is null unless it is JSON.
    func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue? = nil,
        query: [String: String] = [:],
        type: String = "application/json",
        agent: String = "test/1",
        headers: [String: String] = [:]
    ) -> (status: Int, body: JSONValue) {
        let response = respond(method, path, body, query: query, type: type, agent: agent, headers: headers)
        guard case .json(let value) = response.body else { return (response.status, .null) }
        return (response.status, value)
    }

    func pass(_ seconds: Int) { cluster.advance(to: cluster.now + .seconds(seconds)) }

    /// Lets time pass in small steps until something holds.
    func comes(within seconds: Int, _ condition: () -> Bool) -> Bool {
        for _ in 0..<(seconds * 10) where !condition() { cluster.advance(to: cluster.now + .milliseconds(100)) }
        return condition()
    }

    func makeNamespace(_ name: String = "store", labels: JSONValue = .null) {
        _ = send("POST", "/api/v1/namespaces", ["metadata": ["name": .string(name), "labels": labels]])
    }

    /// A workload named `app` with one container of that name.
    func deploy(_ kind: Kind = .deployments, in namespace: String = "store", adapt: (inout JSONValue) -> Void = { _ in }) {
        var object: JSONValue = [
            "metadata": ["name": "app", "labels": ["app": "app"]],
            "spec": [
                "selector": ["matchLabels": ["app": "app"]],
                "template": [
                    "metadata": ["labels": ["app": "app"]], "spec": ["containers": [["name": "app", "image": "app:1"]]],
                ],
            ],
        ]
        adapt(&object)
        _ = send("POST", "/apis/apps/v1/namespaces/\(namespace)/\(kind.resource)", object)
    }

    func object(_ kind: Kind, _ name: String, in namespace: String = "store") -> JSONValue {
        cluster.objects[ObjectKey(kind, namespace, name)] ?? .null
    }

    func pods(in namespace: String = "store") -> [JSONValue] { cluster.objects.list(.pods, namespace: namespace) }

    func isAnyReady(in namespace: String = "store") -> Bool { pods(in: namespace).contains(where: \.isReadyPod) }

    /// The messages of the events of a reason.
    func events(_ reason: String, in namespace: String = "store") -> [String] {
        cluster.objects.list(.events, namespace: namespace).filter { $0["reason"].string == reason }.compactMap { $0["message"].string }
    }
}
