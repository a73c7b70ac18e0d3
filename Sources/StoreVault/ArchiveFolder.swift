import AsyncHTTPClient
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import StoreDomain

/// An archive in the storage: pieces that are called after their content, as restic's packs are, and a list of them, which is written last. So
/// every server of restic's protocol keeps it, none of them needs to know how long it becomes, and no half of one counts.
struct ArchiveFolder: Sendable {
    /// Of each piece but the last, in bytes; an upload takes so much memory.
    private static let pieceBytes = 8 << 20
    /// Of the list: enough for an archive of 100 GiB.
    private static let listLimit = 1 << 20

    let storage: VaultStorage
    let volume: VaultVolume?

    private struct List: Codable {
        let bytes: Int64
        let pieceBytes: Int
        let sha256: String
        let pieces: [String]
    }

    /// Writes the archive while it comes, in the place of what an earlier attempt left. Answers with what was written: `{"bytes", "sha256"}`.
    func receive(_ body: RequestBody, into folder: VaultFolder) async throws -> Response {
        try await storage.remove(folder)
        let made = try await storage.pass(.POST, folder, "?create=true")
        guard made.status == .ok else { throw VaultStorage.Failure(reason: "a folder was answered with \(made.status.code)") }
        var (hash, bytes, pieces) = (SHA256(), Int64(0), [String]())
        var written = Set<String>()
        func write(_ piece: ByteBuffer) async throws {
            let name = SHA256.hash(data: piece.readableBytesView).hex
            hash.update(data: piece.readableBytesView)
            bytes += Int64(piece.readableBytes)
            pieces.append(name)
            guard written.insert(name).inserted else { return }
            if let volume, !volume.hasRoom(for: Int64(piece.readableBytes)) { throw VaultRefusal(.insufficientStorage) }
            try await put(piece, as: .blob(.data, name: name), in: folder)
        }
        var held = ByteBuffer()
        for try await var part in body {
            held.writeBuffer(&part)
            while let piece = held.readSlice(length: Self.pieceBytes) { try await write(piece) }
            held.discardReadBytes()
        }
        if held.readableBytes > 0 { try await write(held) }
        guard bytes > 0 else { throw VaultRefusal(.badRequest) }
        let list = List(bytes: bytes, pieceBytes: Self.pieceBytes, sha256: hash.finalize().hex, pieces: pieces)
        let json = ByteBuffer(data: try JSONEncoder().encode(list))
        guard json.readableBytes <= Self.listLimit else { throw VaultRefusal(.contentTooLarge) }
        try await put(json, as: .config, in: folder)
        return Response(
            status: .created,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: "{\"bytes\":\(bytes),\"sha256\":\"\(list.sha256)\"}\n"))
        )
    }

    private func put(_ buffer: ByteBuffer, as object: VaultObject, in folder: VaultFolder) async throws {
        let status = try await storage.write(object, in: folder, body: .bytes(buffer))
        if status == .insufficientStorage { throw VaultRefusal(.insufficientStorage) }
        guard status == .ok else { throw VaultStorage.Failure(reason: "a piece of an archive was answered with \(status.code)") }
    }

    /// The archive, or the range of it that is asked for.
    func send(_ folder: VaultFolder, _ request: Request) async throws -> Response {
        guard let json = try await storage.read(.config, in: folder, atMost: Self.listLimit) else { throw VaultRefusal(.notFound) }
        let list = try JSONDecoder().decode(List.self, from: Data(buffer: json))
        guard list.pieceBytes > 0, list.bytes > 0 else { throw VaultStorage.Failure(reason: "the list of an archive is none") }
        var headers: HTTPFields = [.contentType: "application/x-tar", .acceptRanges: "bytes", .eTag: "\"\(list.sha256)\""]
        let wanted: Range<Int64>
        switch ByteRange(request.headers[.range], of: list.bytes) {
        case .outside: return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(list.bytes)"])
        case .part(let part) where part.count < list.bytes:
            wanted = part
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(list.bytes)"
        case .whole, .part: wanted = 0..<list.bytes
        }
        headers[.contentLength] = String(wanted.count)
        let status: HTTPResponse.Status = headers[.contentRange] == nil ? .ok : .partialContent
        guard request.method == .get else { return Response(status: status, headers: headers) }
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(contentLength: wanted.count) { writer in
                let size = Int64(list.pieceBytes)
                for index in Int(wanted.lowerBound / size)...Int((wanted.upperBound - 1) / size) {
                    let piece = Int64(index) * size..<min(list.bytes, Int64(index + 1) * size)
                    let part = wanted.clamped(to: piece)
                    for try await buffer in try await read(list.pieces, index, part.shifted(by: -piece.lowerBound), in: folder) {
                        try await writer.write(buffer)
                    }
                }
                try await writer.finish(nil)
            }
        )
    }

    private func read(_ pieces: [String], _ index: Int, _ range: Range<Int64>, in folder: VaultFolder) async throws
        -> HTTPClientResponse.Body
    {
        guard pieces.indices.contains(index), let object = VaultObject(["data", pieces[index]]) else {
            throw VaultStorage.Failure(reason: "the list of an archive lacks a piece")
        }
        return try await storage.stream(object, in: folder, range: range)
    }
}

/// What a `Range` header asks of a file; several ranges, and what is none, are the whole file (RFC 9110, 14.2).
enum ByteRange {
    case whole
    case part(Range<Int64>)
    case outside

    init(_ header: String?, of length: Int64) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let ends = header.dropFirst("bytes=".count).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard ends.count == 2, ends.allSatisfy({ $0.allSatisfy { ("0"..."9").contains($0) } && $0.utf8.count <= 18 }) else {
            self = .whole
            return
        }
        switch (Int64(ends[0]), Int64(ends[1])) {
        case (let first?, let last?) where first <= last:
            self = first < length ? .part(first..<min(last + 1, length)) : .outside
        case (let first?, nil): self = first < length ? .part(first..<length) : .outside
        case (nil, let count?): self = count > 0 ? .part(max(0, length - count)..<length) : .outside
        default: self = .whole
        }
    }
}

extension Range<Int64> {
    fileprivate func shifted(by distance: Int64) -> Range<Int64> { lowerBound + distance..<upperBound + distance }
}
