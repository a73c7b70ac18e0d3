import Foundation
import NIOCore
import StoreDomain
import TestSupport
import Testing

@testable import StoreAPI

@Suite struct ArchiveHeadTests {
    private static let manifest = """
        {"format":"store-weaver-archive","formatVersion":1,"engine":"medusa","adminRevision":0,"databaseBytes":1,"fileBytes":0,"products":0,"orders":0}
        """

    /// One entry as tar has it; `size` is written as it is given, and filled up with zero bytes.
    private static func entry(_ name: String, _ content: String, size: [UInt8]? = nil) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: [UInt8], at place: Int) { header.replaceSubrange(place..<place + bytes.count, with: bytes) }
        put(Array(name.utf8), at: 0)
        put(size ?? Array(String(format: "%011o", content.utf8.count).utf8), at: 124)
        put([0x30], at: 156)
        put(Array("ustar\u{0}00".utf8), at: 257)
        let padding = (512 - content.utf8.count % 512) % 512
        return header + Array(content.utf8) + [UInt8](repeating: 0, count: padding)
    }

    private static func read(_ bytes: [UInt8]) throws(ArchiveManifest.Invalid) -> ArchiveManifest {
        var head = ArchiveHead()
        try head.take(ByteBuffer(bytes: bytes))
        return try head.end()
    }

    @Test("reads the manifest, however its entry's size is filled up", arguments: ["%011o", "%011o ", "%012o", "%11o ", "%o", " %o "])
    func sizes(_ form: String) throws {
        let size = Array(String(format: form, Self.manifest.utf8.count).utf8)
        let archive = Self.entry("README.txt", "Hello") + Self.entry("./manifest.json", Self.manifest, size: size)
        #expect(try Self.read(archive).engine == .medusa)
    }

    @Test(
        "an entry's size that is no octal number is refused",
        arguments: [
            "-0000000001", "-7777777777", "+0000000001", "77777777777", "777777777777", "00000000008", "0x000000010", "abcdefghijk",
            "            ", "", "0000 000001", "0000\u{0}000001",
        ].map { Array($0.utf8) } + [[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0], [UInt8](repeating: 0xff, count: 12)]
    )
    func hostileSizes(_ size: [UInt8]) {
        #expect(throws: ArchiveManifest.Invalid.self) { try Self.read(Self.entry("manifest.json", Self.manifest, size: size)) }
        // The header alone.
        #expect(throws: ArchiveManifest.Invalid.self) { try Self.read(Array(Self.entry("manifest.json", "", size: size).prefix(512))) }
    }

    @Test("any beginning of a file is read or refused")
    func fuzz() {
        let sample = String(decoding: Self.entry("README.txt", "Hello") + Self.entry("manifest.json", Self.manifest), as: UTF8.self)
        var (read, refused) = (0, 0)
        Fuzzer.run("archives' beginnings", samples: [sample], count: 2_000) { bytes in
            do {
                _ = try Self.read(bytes)
                read += 1
            } catch { refused += 1 }
        }
        #expect(read > 20 && refused > 20, "both ways are taken: \(read), \(refused)")
        // Numbers of every kind in the place of a size.
        var generator = SeededGenerator(seed: 0x5eed)
        for _ in 0..<2_000 {
            let size = (0..<12).map { _ in Array("01234567 -+\u{0}".utf8).randomElement(using: &generator) ?? 0 }
            _ = try? Self.read(Self.entry("manifest.json", Self.manifest, size: size))
        }
    }
}
