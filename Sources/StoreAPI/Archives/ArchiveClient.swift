import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Sealing
import StoreDomain

/// Archives in the vault, as the API reads and writes them: each request with a token for this one archive.
struct ArchiveClient: Sendable {
    /// In words for people; of whoever asked it is no fault.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let address: VaultAddress
    let keys: KeyRing

    /// The archive, or the range of it, while it comes: no more of it is in memory than the reader has asked for. `range`: the header.
    func fetch(_ archive: ArchiveID, range: String?) async throws -> HTTPClientResponse {
        var request = request(.GET, archive, .read)
        if let range { request.headers.add(name: "Range", value: range) }
        return try await execute(request)
    }

    /// Writes it while it comes. Throws `Failure`, also for what the upload threw.
    func store(_ upload: WatchedUpload, as archive: ArchiveID) async throws {
        var request = request(.PUT, archive, .append)
        request.body = .stream(upload, length: .known(upload.length))
        let answer = try await execute(request)
        // The connection is free only when it has come.
        _ = try? await answer.body.collect(upTo: 4_096)
        switch answer.status.code {
        case 201: return
        case 507: throw Failure(description: "The vault's storage is full")
        default: throw Failure(description: "The vault answered \(answer.status.code)")
        }
    }

    private func request(_ method: HTTPMethod, _ archive: ArchiveID, _ right: VaultToken.Right) -> HTTPClientRequest {
        let folder = VaultFolder.archive(archive)
        var request = HTTPClientRequest(url: "\(address.url)/\(folder)/")
        request.method = method
        let token = VaultToken(folder, right: right, expiresAt: Date() + 600)
        request.setBasicAuth(username: folder.name, password: token.signed(by: keys))
        return request
    }

    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do { return try await HTTPClient.shared.execute(request, timeout: .hours(24)) } catch {
            try Task.checkCancellation()
            throw Failure(description: "The vault cannot be reached")
        }
    }
}

extension ArchiveClient? {
    /// Throws `APIError` where nothing is exported or imported.
    func required() throws -> ArchiveClient {
        guard let self else {
            throw APIError(.notImplemented, "This installation exports and imports no stores.", code: "no-exports")
        }
        return self
    }
}
