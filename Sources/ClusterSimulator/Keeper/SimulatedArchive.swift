/// An archive as the keeper's image writes it: a tar file whose `database.sql` is the ledger, as JSON.
enum SimulatedArchive {
    static func bytes(manifest: String, ledger: OrderLedger) -> [UInt8] {
        let database = ledger.json.serialized()
        return entry("README.txt", Array("An online store, as it was saved (simulated).\n".utf8))
            + entry("manifest.json", Array(manifest.utf8))
            + entry("database.sql", database) + [UInt8](repeating: 0, count: 1_024)
    }

    /// `nil` where there is none.
    static func ledger(in archive: [UInt8]) -> OrderLedger? {
        var index = 0
        while index + 512 <= archive.count {
            let header = archive[index..<index + 512]
            let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
            guard !name.isEmpty, let size = Int(String(decoding: header.dropFirst(124).prefix(11), as: UTF8.self), radix: 8) else {
                return nil
            }
            let content = index + 512..<index + 512 + size
            guard content.upperBound <= archive.count else { return nil }
            if name == "database.sql" { return (try? JSONReader.read(Array(archive[content]))).flatMap(OrderLedger.init(json:)) }
            index = content.upperBound + (512 - size % 512) % 512
        }
        return nil
    }

    private static func entry(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at index: Int) { header.replaceSubrange(index..<index + text.utf8.count, with: text.utf8) }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(content.count, 11), at: 124)
        put("00000000000", at: 136)
        put("        0", at: 148)
        put("ustar\00000", at: 257)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }
}
