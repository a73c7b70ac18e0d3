import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import StoreDomain

/// The server behind the vault, which has all repositories, and no idea who may do what.
struct VaultStorage: Sendable {
    /// It does not answer, or with something that nobody expects of it.
    struct Failure: Error {
        let reason: String
    }

    private let http: HTTPClient
    private let address: String
    private static let listing = "application/vnd.x.restic.rest.v2"

    init(http: HTTPClient, address: String) {
        self.http = http
        self.address = address
    }

    /// How its client is to be set.
    static var configuration: HTTPClient.Configuration {
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .seconds(2)
        settings.timeout.read = .seconds(120)
        settings.httpVersion = .http1Only
        settings.redirectConfiguration = .disallow
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        return settings
    }

    /// Passes a request on that has no body, and its answer back while it comes.
    func pass(_ method: HTTPMethod, _ folder: VaultFolder, _ path: String, headers: HTTPFields = [:]) async throws(Failure) -> Response {
        let answer = try await send(method, "\(folder)/\(path)", headers: headers)
        var passed: HTTPFields = [:]
        for name in [HTTPField.Name.contentType, .contentLength, .contentRange, .acceptRanges, .lastModified] {
            passed[name] = answer.headers.first(name: name.rawName)
        }
        let status = HTTPResponse.Status(code: Int(answer.status.code))
        if method == .HEAD { return Response(status: status, headers: passed) }
        return Response(status: status, headers: passed, body: .init(asyncSequence: answer.body))
    }

    /// How long the object is; `nil` where there is none.
    func length(of object: VaultObject, in folder: VaultFolder) async throws(Failure) -> Int64? {
        let answer = try await send(.HEAD, "\(folder)/\(object.path)")
        switch answer.status {
        case .ok: return answer.headers.first(name: "content-length").flatMap { Int64($0) } ?? 0
        case .notFound: return nil
        default: throw Failure(reason: "HEAD was answered with \(answer.status.code)")
        }
    }

    /// The status. Throws what `body` threw as a failure, too.
    func write(
        _ object: VaultObject,
        in folder: VaultFolder,
        body: HTTPClientRequest.Body
    ) async throws(Failure) -> HTTPResponse.Status {
        let answer = try await send(.POST, "\(folder)/\(object.path)", body: body)
        return HTTPResponse.Status(code: Int(answer.status.code))
    }

    /// What is in an object; `nil` where there is none.
    func read(_ object: VaultObject, in folder: VaultFolder, atMost limit: Int) async throws(Failure) -> ByteBuffer? {
        let answer = try await send(.GET, "\(folder)/\(object.path)")
        if answer.status == .notFound { return nil }
        guard answer.status == .ok else { throw Failure(reason: "GET was answered with \(answer.status.code)") }
        do { return try await answer.body.collect(upTo: limit) } catch { throw Failure(reason: "\(error)") }
    }

    /// A part of an object, while it comes.
    func stream(_ object: VaultObject, in folder: VaultFolder, range: Range<Int64>) async throws(Failure) -> HTTPClientResponse.Body {
        let asked = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        let answer = try await send(.GET, "\(folder)/\(object.path)", headers: [.range: asked])
        guard answer.status == .partialContent || (answer.status == .ok && range.lowerBound == 0) else {
            throw Failure(reason: "GET of a part was answered with \(answer.status.code)")
        }
        return answer.body
    }

    /// Of all files of the folder, in bytes; 0 where there is none.
    func size(of folder: VaultFolder) async throws(Failure) -> Int64 {
        var bytes = try await length(of: .config, in: folder) ?? 0
        for kind in VaultObject.Kind.allCases {
            for entry in try await list(kind, of: folder) { bytes += entry.size }
        }
        return bytes
    }

    /// The keys first: without them nothing can be read any more, however far this comes. Done twice it is no error.
    func remove(_ folder: VaultFolder) async throws(Failure) {
        for kind in VaultObject.Kind.allCases {
            for entry in try await list(kind, of: folder) {
                guard let object = VaultObject([kind.rawValue, entry.name]) else { continue }
                try await delete(object, in: folder)
            }
        }
        try await delete(.config, in: folder)
    }

    private func delete(_ object: VaultObject, in folder: VaultFolder) async throws(Failure) {
        let answer = try await send(.DELETE, "\(folder)/\(object.path)")
        guard answer.status == .ok || answer.status == .notFound else {
            throw Failure(reason: "DELETE was answered with \(answer.status.code)")
        }
    }

    private struct Entry: Decodable {
        let name: String
        let size: Int64
    }

    private func list(_ kind: VaultObject.Kind, of folder: VaultFolder) async throws(Failure) -> [Entry] {
        let answer = try await send(.GET, "\(folder)/\(kind.folder)/", headers: [.accept: Self.listing])
        if answer.status == .notFound { return [] }
        guard answer.status == .ok else { throw Failure(reason: "a list was answered with \(answer.status.code)") }
        do {
            return try JSONDecoder().decode([Entry].self, from: Data(buffer: try await answer.body.collect(upTo: 64 << 20)))
        } catch { throw Failure(reason: "a list is none: \(error)") }
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        headers: HTTPFields = [:],
        body: HTTPClientRequest.Body? = nil
    ) async throws(Failure) -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "\(address)/\(path)")
        request.method = method
        for field in headers { request.headers.add(name: field.name.rawName, value: field.value) }
        request.body = body
        do { return try await http.execute(request, timeout: .minutes(30)) } catch { throw Failure(reason: "\(error)") }
    }
}
