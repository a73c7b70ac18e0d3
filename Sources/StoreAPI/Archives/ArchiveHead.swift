import Foundation
import NIOCore
import StoreDomain

/// Finds the manifest at the beginning of an archive while that passes by. Of the rest it knows nothing: the keeper reads that.
struct ArchiveHead {
    /// README and manifest are within so many bytes.
    static let limit = 256 << 10

    private var held = ByteBuffer()
    private(set) var manifest: ArchiveManifest?

    /// Throws in words for people once it is clear that this is no archive of a store. Nothing is kept after the manifest.
    mutating func take(_ part: ByteBuffer) throws(ArchiveManifest.Invalid) {
        guard manifest == nil else { return }
        var part = part
        held.writeBuffer(&part)
        while manifest == nil, let (name, content) = try nextEntry() {
            if name == "manifest.json" { manifest = try ArchiveManifest(reading: Data(content)) }
        }
        if manifest != nil { held = ByteBuffer() }
        guard held.readableBytes <= Self.limit else { throw Self.invalid("It has no manifest.json at its beginning") }
    }

    /// Throws where the archive has ended without a manifest.
    func end() throws(ArchiveManifest.Invalid) -> ArchiveManifest {
        guard let manifest else { throw Self.invalid("It has no manifest.json") }
        return manifest
    }

    /// An entry that is there as a whole, without its padding; `nil`: more has to come.
    private mutating func nextEntry() throws(ArchiveManifest.Invalid) -> (name: String, content: [UInt8])? {
        guard let header = held.getBytes(at: held.readerIndex, length: 512) else { return nil }
        guard Array(header[257..<262]) == Array("ustar".utf8), [0, 0x30, 0x35, 0x78].contains(header[156]),
            let size = Self.size(header[124..<136]), size <= Self.limit
        else { throw Self.invalid("It is no tar file, or has no manifest.json at its beginning") }
        let length = 512 + (size + 511) / 512 * 512
        guard held.readableBytes >= length, let entry = held.readBytes(length: length) else { return nil }
        let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
        return (name.hasPrefix("./") ? String(name.dropFirst(2)) : name, Array(entry[512..<512 + size]))
    }

    /// Octal digits, between blanks or zero bytes. `nil` for what is no such number: `Int(_, radix:)` alone would take a sign.
    private static func size(_ field: ArraySlice<UInt8>) -> Int? {
        let isBlank = { (byte: UInt8) in byte == 0 || byte == 0x20 }
        let digits = field.drop(while: isBlank).prefix { !isBlank($0) }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }), field[digits.endIndex...].allSatisfy(isBlank) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func invalid(_ why: String) -> ArchiveManifest.Invalid { ArchiveManifest.Invalid(description: why) }
}
