import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
package import StoreDomain

/// Kubernetes as an HTTP API of JSON objects. Every request has a deadline; a 404 on reading is `nil`, not an error.
///
/// What changes the cluster asks for a lease, and confirms it at the last moment before the request goes out. Its user agent
/// names the attempt (`store-worker/NUMBER.ID`), so that the cluster's audit log tells whose it was.
package final class KubernetesClient: Sendable {
    private let configuration: KubernetesConfiguration
    private let http: HTTPClient
    private static let limit = 32 << 20

    package init(configuration: KubernetesConfiguration) throws {
        self.configuration = configuration
        // Who asks is said with each request: certificates and tokens are renewed while we run.
        var settings = HTTPClient.Configuration(proxy: configuration.proxy)
        settings.dnsOverride = configuration.overrides
        settings.timeout.connect = .seconds(5)
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        // Each attempt holds several watches, and each watch a connection: with the default of 8 two attempts would starve all other requests.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    package func close() async throws { try await http.shutdown() }

    /// `path` begins with `/api` or `/apis` and may have a query.
    package func get(_ path: String) async throws(ClusterError) -> JSON? {
        do throws(ClusterError) {
            return try await send(.GET, path)
        } catch  where error.code == .status(404) { return nil }
    }

    package func list(_ path: String) async throws(ClusterError) -> [JSON] { try await send(.GET, path)["items"].items }

    /// Throws `LeaseLost`, or `ClusterError`: `.status(409)` when there is an object of that name.
    package func create(_ path: String, _ object: JSON, under lease: any Lease) async throws -> JSON {
        try await change(.POST, path, body: object, under: lease)
    }

    /// Puts the object in the place of the one that was seen, whose resourceVersion it has. Throws `LeaseLost`, or `ClusterError`:
    /// `.status(409)` when that was changed meanwhile.
    package func replace(_ path: String, _ object: JSON, under lease: any Lease) async throws -> JSON {
        try await change(.PUT, path, body: object, under: lease)
    }

    /// Whether whoever asks may do this. `resource` may name a subresource (`pods/log`); `namespace` nil: in all namespaces.
    package func mayI(_ verb: String, _ resource: String, group: String = "", namespace: String? = nil) async throws(ClusterError) -> Bool {
        let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
        var attributes: [String: JSON] = ["verb": .string(verb), "group": .string(group), "resource": .string(parts[0])]
        if parts.count == 2 { attributes["subresource"] = .string(parts[1]) }
        if let namespace { attributes["namespace"] = .string(namespace) }
        let review = try await send(
            .POST,
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            body: [
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": ["resourceAttributes": .object(attributes)],
            ]
        )
        return review["status"]["allowed"].bool == true
    }

    /// Deletes the very object that was seen. Throws `LeaseLost`, or `ClusterError`: `.status(409)` when another of the same
    /// name is in its place. One that is gone is no error.
    package func delete(_ path: String, uid: String, propagation: String = "Background", under lease: any Lease) async throws {
        do {
            _ = try await change(
                .DELETE,
                path,
                body: [
                    "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation),
                    "preconditions": ["uid": .string(uid)],
                ],
                under: lease
            )
        } catch let error as ClusterError where error.code == .status(404) { return }
    }

    /// Is not cut short when its task is cancelled: whoever gives the namespace back has nothing on its way there any more.
    private func change(_ method: HTTPMethod, _ path: String, body: JSON, under lease: any Lease) async throws -> JSON {
        try await Task {
            try lease.confirm()
            return try await send(method, path, body: body, by: lease.fence)
        }.value
    }

    /// Text, such as a pod's log or what a service answers through the API server's proxy.
    /// `headers` are added to the usual ones.
    package func text(
        _ path: String,
        headers: [String: String] = [:],
        deadline: Duration = .seconds(10)
    ) async throws(ClusterError) -> (status: Int, body: String) {
        let (status, body) = try await exchange(.GET, path, headers: headers, body: nil, accept: "*/*", deadline: deadline)
        return (status, String(buffer: body))
    }

    /// Calls `onChange` for everything that happens in this collection, until the server ends the watch or the task is cancelled.
    package func watch(_ path: String, timeout: Int = 300, onChange: () -> Void) async throws {
        try await lines(path.adding("watch=true&timeoutSeconds=\(timeout)"), timeout: timeout) { _ in onChange() }
    }

    /// All objects of a collection, read in pages of 500, and the version from which a watch goes on.
    package func list<Object: Decodable & Sendable>(_ path: String, as: Object.Type) async throws(ClusterError) -> ObjectList<Object> {
        var items: [Object] = []
        var continuation = ""
        while true {
            let page = path.adding("limit=500" + (continuation.isEmpty ? "" : "&continue=\(continuation)"))
            let (status, answer) = try await exchange(.GET, page, body: nil, accept: "application/json", deadline: .seconds(30))
            guard status == 200 else { throw Self.refusal(status, answer) }
            let list: ListPage<Object> = try Self.decoded(answer, of: path)
            items += list.items ?? []
            guard let next = list.metadata?.continue, !next.isEmpty else {
                return ObjectList(items: items, resourceVersion: list.metadata?.resourceVersion ?? "0")
            }
            continuation = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
    }

    /// Calls `onEvent` for each change after `version`, in order, until the server ends the watch.
    /// Throws `.status(410)` when the server has forgotten that version: list anew.
    package func watch<Object: Decodable & Sendable>(
        _ path: String,
        as: Object.Type,
        from version: String,
        timeout: Int = 300,
        onEvent: (WatchEvent<Object>) async throws -> Void
    ) async throws {
        let query = "watch=true&allowWatchBookmarks=true&resourceVersion=\(version)&timeoutSeconds=\(timeout)"
        try await lines(path.adding(query), timeout: timeout) { line in
            let event: WatchEvent<Object> = try Self.decoded(line, of: path)
            if case .failure(let status, let message) = event { throw ClusterError(code: .status(status), message: message) }
            try await onEvent(event)
        }
    }

    /// Reads a pod's log line by line as it grows, until the container ends or the task is cancelled.
    package func follow(_ path: String, limit: Duration, onLine: (String) async throws -> Void) async throws {
        try await lines(path, timeout: Int(limit.components.seconds)) { try await onLine(String(buffer: $0)) }
    }

    private func lines(_ path: String, timeout: Int, onLine: (ByteBuffer) async throws -> Void) async throws {
        let response = try await http.execute(try await request(.GET, path, accept: "application/json, */*"), timeout: .seconds(Int64(timeout) + 10))
        guard response.status == .ok else {
            throw Self.refusal(Int(response.status.code), try await response.body.collect(upTo: 1 << 20))
        }
        var pending = ByteBuffer()
        for try await chunk in response.body {
            pending.writeImmutableBuffer(chunk)
            while let end = pending.readableBytesView.firstIndex(of: 0x0a) {
                let line = pending.readSlice(length: end - pending.readerIndex) ?? ByteBuffer()
                pending.moveReaderIndex(forwardBy: 1)
                try await onLine(line)
            }
            guard pending.readableBytes <= Self.limit else {
                throw ClusterError(code: .unreadable, message: "Kubernetes sends a line that does not end.")
            }
            pending.discardReadBytes()
        }
    }

    private static func decoded<Value: Decodable>(_ bytes: ByteBuffer, of path: String) throws(ClusterError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes.readableBytesView))
        } catch {
            throw ClusterError(code: .unreadable, message: "Kubernetes answered \(path) with something unreadable: \(error)")
        }
    }

    private static func refusal(_ status: Int, _ answer: ByteBuffer) -> ClusterError {
        let message = (try? JSON(data: Data(answer.readableBytesView)))?["message"].string
        return ClusterError(code: .status(status), message: message ?? "Kubernetes answered with status \(status).")
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        body: JSON? = nil,
        by fence: Fence? = nil
    ) async throws(ClusterError) -> JSON {
        let (status, answer) = try await exchange(
            method,
            path,
            body: body,
            by: fence,
            accept: "application/json",
            deadline: .seconds(20)
        )
        guard (200..<300).contains(status) else { throw Self.refusal(status, answer) }
        guard let object = try? JSON(data: Data(answer.readableBytesView)) else {
            throw ClusterError(code: .unreadable, message: "Kubernetes answered \(path) with something that is no JSON.")
        }
        return object
    }

    private func exchange(
        _ method: HTTPMethod,
        _ path: String,
        headers: [String: String] = [:],
        body: JSON?,
        by fence: Fence? = nil,
        accept: String,
        deadline: Duration
    ) async throws(ClusterError) -> (Int, ByteBuffer) {
        do {
            var request = try await request(method, path, accept: accept, by: fence)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(bytes: try body.data()))
            }
            let response = try await http.execute(request, timeout: .nanoseconds(Int64(deadline / .nanoseconds(1))))
            if response.status == .unauthorized { await configuration.identity.wasRefused() }
            return (Int(response.status.code), try await response.body.collect(upTo: Self.limit))
        } catch let error as ClusterError {
            throw error
        } catch {
            if Task.isCancelled || error is CancellationError || error as? HTTPClientError == .cancelled {
                throw ClusterError(code: .cancelled, message: "The request to Kubernetes was cancelled.")
            }
            throw ClusterError(code: .unreachable, message: "Kubernetes cannot be reached: \(error).")
        }
    }

    private func request(_ method: HTTPMethod, _ path: String, accept: String, by fence: Fence? = nil) async throws -> HTTPClientRequest {
        let proof = try await configuration.identity.proof()
        var request = HTTPClientRequest(url: configuration.server + path)
        request.method = method
        request.headers.add(name: "Accept", value: accept)
        let mark = fence.map { "/" + $0.description.replacing("/", with: ".") } ?? ""
        request.headers.add(name: "User-Agent", value: "store-worker" + mark)
        for (name, value) in proof.headers { request.headers.add(name: name, value: value) }
        request.tlsConfiguration = proof.tls
        return request
    }
}

extension String {
    /// With more of a query.
    fileprivate func adding(_ query: String) -> String { self + (contains("?") ? "&" : "?") + query }
}
