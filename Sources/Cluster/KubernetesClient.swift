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
        var settings = HTTPClient.Configuration(tlsConfiguration: try configuration.tls())
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

    /// Calls `onChange` for every line that a watch of this collection sends, until the server ends it or the task is cancelled.
    package func watch(_ path: String, timeout: Int = 300, onChange: (JSON) -> Void) async throws {
        let separator = path.contains("?") ? "&" : "?"
        let response = try await http.execute(
            request(.GET, path + separator + "watch=true&allowWatchBookmarks=true&timeoutSeconds=\(timeout)", accept: "application/json"),
            timeout: .seconds(Int64(timeout) + 10)
        )
        guard response.status == .ok else {
            throw ClusterError(code: .status(Int(response.status.code)), message: "The watch was refused.")
        }
        var pending = ByteBuffer()
        for try await chunk in response.body {
            pending.writeImmutableBuffer(chunk)
            while let end = pending.readableBytesView.firstIndex(of: 0x0a) {
                let line = pending.readSlice(length: end - pending.readerIndex) ?? ByteBuffer()
                pending.moveReaderIndex(forwardBy: 1)
                onChange(try JSON(data: Data(line.readableBytesView)))
            }
            pending.discardReadBytes()
        }
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
        let object = try? JSON(data: Data(answer.readableBytesView))
        guard (200..<300).contains(status) else {
            throw ClusterError(code: .status(status), message: object?["message"].string ?? "Kubernetes answered with status \(status).")
        }
        guard let object else {
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
            var request = request(method, path, accept: accept, by: fence)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body {
                request.headers.add(name: "Content-Type", value: "application/json")
                request.body = .bytes(ByteBuffer(bytes: try body.data()))
            }
            let response = try await http.execute(request, timeout: .nanoseconds(Int64(deadline / .nanoseconds(1))))
            return (Int(response.status.code), try await response.body.collect(upTo: Self.limit))
        } catch {
            if Task.isCancelled || error is CancellationError || error as? HTTPClientError == .cancelled {
                throw ClusterError(code: .cancelled, message: "The request to Kubernetes was cancelled.")
            }
            throw ClusterError(code: .unreachable, message: "Kubernetes cannot be reached: \(error).")
        }
    }

    private func request(_ method: HTTPMethod, _ path: String, accept: String, by fence: Fence? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: configuration.server + path)
        request.method = method
        request.headers.add(name: "Accept", value: accept)
        let mark = fence.map { "/" + $0.description.replacing("/", with: ".") } ?? ""
        request.headers.add(name: "User-Agent", value: "store-worker" + mark)
        if let bearer = configuration.bearer { request.headers.add(name: "Authorization", value: "Bearer " + bearer) }
        return request
    }
}
