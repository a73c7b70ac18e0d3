import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
import Program
package import Sealing
package import StoreDomain

/// The vault as a worker asks it: for a folder as a whole, and for what lies beside its data.
package struct VaultClient: Sendable {
    /// The vault did not do what it was asked, in words for people.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        /// It did not answer at all: it is of no use to ask on.
        package let isAway: Bool
    }

    private static let listing = "application/vnd.x.restic.rest.v2"
    private let address: VaultAddress
    /// `VAULT_KEYS` for repositories, `ARCHIVE_KEYS` for archives.
    private let keys: KeyRing
    private let seconds: Int64

    /// `seconds`: how long one request may take; a vault that is away is tried again for as long.
    package init(address: VaultAddress, keys: KeyRing, seconds: Int64 = 300) {
        self.address = address
        self.keys = keys
        self.seconds = seconds
    }

    /// Removes all that is in a folder; what is not there is removed already. Throws `Failure`.
    package func remove(_ folder: VaultFolder) async throws {
        let answer = try await ask(.DELETE, folder, "", as: .manage)
        guard answer.isGood || answer.status == .notFound else {
            throw Failure(description: "The vault answered \(answer.status.code) and did not remove \(folder).", isAway: false)
        }
    }

    /// What is in a folder, in bytes. Throws `Failure`.
    package func size(of folder: VaultFolder) async throws -> Int64 {
        struct Size: Decodable { let bytes: Int64 }
        let answer = try await ask(.GET, folder, "?size", as: .manage)
        guard answer.isGood, let size = try? JSONDecoder().decode(Size.self, from: answer.body), size.bytes >= 0 else {
            throw Failure(description: "The vault answered \(answer.status.code) and did not say how large \(folder) is.", isAway: false)
        }
        return size.bytes
    }

    /// What is in escrow of the repository. Throws `Failure`.
    package func escrow(of repository: RepositoryID) async throws -> [EscrowEntry] {
        var entries: [EscrowEntry] = []
        for name in try await list("escrow", of: repository, as: .manage) {
            let answer = try await ask(.GET, .repository(repository), "escrow/\(name)", as: .manage)
            if let entry = EscrowEntry(answer.body) { entries.append(entry) }
        }
        return entries
    }

    /// Puts it into the escrow of its repository. Throws `Failure`.
    package func keep(_ entry: EscrowEntry, of repository: RepositoryID) async throws {
        let file = try entry.file
        let answer = try await ask(.POST, .repository(repository), "escrow/\(file.name)", as: .manage, body: file.content)
        guard answer.isGood else {
            throw Failure(description: "The vault answered \(answer.status.code) and took nothing into escrow.", isAway: false)
        }
    }

    /// When the repository's newest snapshot was written, as its storage says. `nil`: there is none. `known`: when those were written that were
    /// asked for before, by their names; that does not change. Throws `Failure`.
    package func newestSnapshot(of repository: RepositoryID, known: inout [String: Date]) async throws -> Date? {
        let names = try await list("snapshots", of: repository, as: .read)
        for name in names where known[name] == nil {
            known[name] = try await ask(.HEAD, .repository(repository), "snapshots/\(name)", as: .read).lastModified
        }
        known = known.filter { names.contains($0.key) }
        return known.values.max()
    }

    private func list(_ kind: String, of repository: RepositoryID, as right: VaultToken.Right) async throws -> [String] {
        struct File: Decodable { let name: String }
        let answer = try await ask(.GET, .repository(repository), "\(kind)/", as: right, accept: Self.listing)
        if answer.status == .notFound { return [] }
        guard answer.isGood, let files = try? JSONDecoder().decode([File].self, from: answer.body) else {
            throw Failure(
                description: "The vault answered \(answer.status.code) and did not list the \(kind) of \(repository).",
                isAway: false
            )
        }
        return files.map(\.name)
    }

    private struct Answer {
        let status: HTTPResponseStatus
        let body: Data
        let lastModified: Date?

        var isGood: Bool { (200..<300).contains(status.code) }
    }

    private func ask(
        _ method: HTTPMethod,
        _ folder: VaultFolder,
        _ path: String,
        as right: VaultToken.Right,
        accept: String? = nil,
        body: Data? = nil
    ) async throws -> Answer {
        let token = VaultToken(folder, right: right, expiresAt: Date() + 600)
        var request = HTTPClientRequest(url: "\(address.url)/\(folder)/\(path)")
        request.method = method
        if let accept { request.headers.add(name: "accept", value: accept) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        request.setBasicAuth(username: folder.name, password: token.signed(by: keys))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(seconds))
            // The connection is free only when all of it has come.
            let body = try await response.body.collect(upTo: 16 << 20)
            return Answer(
                status: response.status,
                body: Data(body.readableBytesView),
                lastModified: response.headers.first(name: "last-modified").flatMap(HTTPDate.date)
            )
        } catch {
            try Task.checkCancellation()
            throw Failure(description: "The vault cannot be reached: \(error).", isAway: true)
        }
    }
}
