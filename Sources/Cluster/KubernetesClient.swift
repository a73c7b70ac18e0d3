import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
package import StoreDomain

/// Kubernetes as an HTTP API of JSON objects. Every request has a deadline, by which its answer has come whole; a 404 on reading is `nil`, not an error.
///
/// What changes the cluster asks for a lease, and confirms it at the last moment before the request goes out. Its user agent
/// names the attempt (`store-worker/NUMBER.ID`), so that the cluster's audit log tells whose it was.
package final class KubernetesClient: Sendable {
    private let configuration: KubernetesConfiguration
    private let http: HTTPClient
    /// For logs, which may be silent.
    private let followed: HTTPClient
    private static let limit = 32 << 20
    /// A watch that is silent for longer is opened anew: the API server sends a bookmark each minute, and a connection of which nobody knows
    /// that it is dead is silent, too.
    private static let silence = TimeAmount.seconds(80)
    /// Of one line of a pod's log.
    private static let logLineLimit = 8 << 10

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
        followed = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        settings.timeout.read = Self.silence
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    package func close() async throws {
        try await http.shutdown()
        try await followed.shutdown()
    }

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

    /// Makes the object what it is to be, by server-side apply: `manager` owns all that it says, whoever had it before.
    package func apply(_ path: String, _ object: JSON, as manager: String, under lease: any Lease) async throws -> JSON {
        let query = "fieldManager=\(manager)&force=true"
        return try await change(.PATCH, path.adding(query), body: object, type: "application/apply-patch+yaml", under: lease)
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
    /// name is in its place. One that is gone is no error. `grace`: seconds that a pod has for its end, its own when `nil`.
    package func delete(
        _ path: String,
        uid: String,
        propagation: String = "Background",
        grace: Int? = nil,
        under lease: any Lease
    ) async throws {
        var options: [String: JSON] = [
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation), "preconditions": ["uid": .string(uid)],
        ]
        if let grace { options["gracePeriodSeconds"] = .integer(Int64(grace)) }
        do {
            _ = try await change(.DELETE, path, body: .object(options), under: lease)
        } catch let error as ClusterError where error.code == .status(404) { return }
    }

    /// Is not cut short when its task is cancelled: whoever gives the namespace back has nothing on its way there any more.
    private func change(
        _ method: HTTPMethod,
        _ path: String,
        body: JSON,
        type: String = "application/json",
        under lease: any Lease
    ) async throws -> JSON {
        try await Task {
            try lease.confirm()
            return try await send(method, path, body: body, type: type, by: lease.fence)
        }.value
    }

    /// Text, such as a pod's log or what a service answers through the API server's proxy: somebody else's, of any size.
    /// `headers` are added to the usual ones. Throws `.tooLarge` for more than `limit` bytes, as soon as they have come.
    package func text(
        _ path: String,
        headers: [String: String] = [:],
        atMost limit: Int = 256 << 10,
        deadline: Duration = .seconds(10)
    ) async throws(ClusterError) -> (status: Int, body: String) {
        let answer = try await exchange(.GET, path, headers: headers, body: nil, accept: "*/*", deadline: deadline, limit: limit)
        return (answer.status, String(buffer: answer.body))
    }

    /// What a service answers through the API server's proxy: its status, its headers (names in lower case) and its body, of which no more
    /// than `limit` bytes are taken. `body` makes it a POST: it changes what the service keeps, and nothing in the cluster.
    package func visit(
        _ path: String,
        headers: [String: String] = [:],
        body: JSON? = nil,
        limit: Int,
        deadline: Duration = .seconds(20)
    ) async throws(ClusterError) -> (status: Int, headers: [String: String], body: String) {
        let answer = try await exchange(
            body == nil ? .GET : .POST,
            path,
            headers: headers,
            body: body,
            accept: "application/json",
            deadline: deadline,
            limit: limit
        )
        let headers = Dictionary(answer.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        return (answer.status, headers, String(buffer: answer.body))
    }

    /// Calls `onChange` for everything that happens in this collection, until the server ends the watch or the task is cancelled.
    package func watch(_ path: String, timeout: Int = 300, onChange: () -> Void) async throws {
        try await chunks(path.adding("watch=true&timeoutSeconds=\(timeout)"), for: .seconds(timeout + 10), by: http) { chunk in
            if chunk.readableBytesView.contains(0x0a) { onChange() }
        }
    }

    /// All objects of a collection, read in pages of 500 (fewer where they are large), and the version from which a watch goes on.
    package func list<Object: Decodable & Sendable>(_ path: String, as: Object.Type) async throws(ClusterError) -> ObjectList<Object> {
        var items: [Object] = []
        var continuation = ""
        var pageSize = 500
        while true {
            let page = path.adding("limit=\(pageSize)" + (continuation.isEmpty ? "" : "&continue=\(continuation)"))
            let answer: (status: Int, headers: HTTPHeaders, body: ByteBuffer)
            do throws(ClusterError) {
                answer = try await exchange(.GET, page, body: nil, accept: "application/json", deadline: .seconds(30))
            } catch  where error.code == .tooLarge && pageSize > 10 {
                // One object has 1.5 MiB at most.
                pageSize = 10
                continue
            }
            guard answer.status == 200 else { throw Self.refusal(answer.status, answer.body) }
            let list: ListPage<Object> = try Self.decoded(answer.body, of: path)
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
        try await lines(path.adding(query), for: .seconds(timeout + 10)) { line in
            let event: WatchEvent<Object> = try Self.decoded(line, of: path)
            if case .failure(let status, let message) = event { throw ClusterError(code: .status(status), message: message) }
            try await onEvent(event)
        }
    }

    /// Reads a pod's log line by line as it grows, until the container ends or the task is cancelled. Of a line come 8 KiB at most.
    package func follow(_ path: String, limit: Duration, onLine: (String) async throws -> Void) async throws {
        var splitter = LineSplitter(limit: Self.logLineLimit)
        try await chunks(path, for: limit, by: followed) { chunk in
            for line in splitter.take(chunk.readableBytesView) { try await onLine(String(decoding: line, as: UTF8.self)) }
        }
        if let line = splitter.unfinished { try await onLine(String(decoding: line, as: UTF8.self)) }
    }

    private func lines(_ path: String, for limit: Duration, onLine: (ByteBuffer) async throws -> Void) async throws {
        var pending = ByteBuffer()
        try await chunks(path, for: limit, by: http) { chunk in
            // Only what is new can have the line's end.
            var known = pending.readableBytes
            pending.writeImmutableBuffer(chunk)
            while let end = pending.readableBytesView.dropFirst(known).firstIndex(of: 0x0a) {
                let line = pending.readSlice(length: end - pending.readerIndex) ?? ByteBuffer()
                pending.moveReaderIndex(forwardBy: 1)
                known = 0
                try await onLine(line)
            }
            guard pending.readableBytes <= Self.limit else {
                throw ClusterError(code: .unreadable, message: "Kubernetes sends a line that does not end.")
            }
            pending.discardReadBytes()
        }
    }

    /// What the server sends, as it comes, until it ends, or the connection is silent for too long, or `limit` is over.
    private func chunks(_ path: String, for limit: Duration, by http: HTTPClient, onChunk: (ByteBuffer) async throws -> Void) async throws {
        let end = ContinuousClock.now + limit
        let response = try await http.execute(try await request(.GET, path, accept: "application/json, */*"), timeout: .seconds(20))
        guard response.status == .ok else {
            throw Self.refusal(Int(response.status.code), try await within(.seconds(20)) { try await response.body.collect(upTo: 1 << 20) })
        }
        do {
            for try await chunk in response.body {
                try await onChunk(chunk)
                if ContinuousClock.now >= end { return }
            }
        } catch let error as HTTPClientError where error == .readTimeout { return }
    }

    private static func decoded<Value: Decodable>(_ bytes: ByteBuffer, of path: String) throws(ClusterError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes.readableBytesView))
        } catch {
            throw ClusterError(code: .unreadable, message: "Kubernetes answered \(path) with something unreadable: \(error)")
        }
    }

    private static func refusal(_ status: Int, _ answer: ByteBuffer) -> ClusterError {
        if let message = (try? JSON(data: Data(answer.readableBytesView)))?["message"].string {
            return ClusterError(code: .status(status), message: message)
        }
        // The API server says what is wrong with a request: this one was broken on its way, or never came to it.
        return ClusterError(code: status == 400 ? .unreadable : .status(status), message: "Kubernetes answered with status \(status).")
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        body: JSON? = nil,
        type: String = "application/json",
        by fence: Fence? = nil
    ) async throws(ClusterError) -> JSON {
        let answer = try await exchange(
            method,
            path,
            body: body,
            type: type,
            by: fence,
            accept: "application/json",
            deadline: .seconds(20)
        )
        guard (200..<300).contains(answer.status) else { throw Self.refusal(answer.status, answer.body) }
        guard let object = try? JSON(data: Data(answer.body.readableBytesView)) else {
            throw ClusterError(code: .unreadable, message: "Kubernetes answered \(path) with something that is no JSON.")
        }
        return object
    }

    private func exchange(
        _ method: HTTPMethod,
        _ path: String,
        headers: [String: String] = [:],
        body: JSON?,
        type: String = "application/json",
        by fence: Fence? = nil,
        accept: String,
        deadline: Duration,
        limit: Int = KubernetesClient.limit
    ) async throws(ClusterError) -> (status: Int, headers: HTTPHeaders, body: ByteBuffer) {
        do {
            var request = try await request(method, path, accept: accept, by: fence)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body {
                request.headers.add(name: "Content-Type", value: type)
                request.body = .bytes(ByteBuffer(bytes: try body.data()))
            }
            // The client's own deadline is for the answer's head alone.
            let (sent, http) = (request, http)
            let answer = try await within(deadline) {
                let response = try await http.execute(sent, timeout: .nanoseconds(Int64(deadline / .nanoseconds(1))))
                return (Int(response.status.code), response.headers, try await response.body.collect(upTo: limit))
            }
            if answer.0 == 401 { await configuration.identity.wasRefused() }
            return answer
        } catch let error as ClusterError {
            throw error
        } catch {
            if Task.isCancelled || error is CancellationError || error as? HTTPClientError == .cancelled {
                throw ClusterError(code: .cancelled, message: "The request to Kubernetes was cancelled.")
            }
            if error is NIOTooManyBytesError {
                throw ClusterError(code: .tooLarge, message: "The answer has more than \(limit >> 10) KiB.")
            }
            if error is DeadlineExceeded || error as? HTTPClientError == .deadlineExceeded {
                throw ClusterError(code: .unreachable, message: "There was no whole answer within \(deadline.components.seconds) s.")
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
