import Foundation

/// A member that an object of a JSON text has twice. Decoders take one of the two and say nothing of it, each another (RFC 8259, 4).
package enum RepeatedMember {
    /// The name of the first; `nil` where there is none. `json`: valid JSON in UTF-8. Takes time in proportion to its length.
    package static func name(in json: some Sequence<UInt8>) -> String? {
        let bytes = Array(json)
        // The names that each open object has; `nil` for an array.
        var open: [Set<String>?] = []
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"): open.append([])
            case UInt8(ascii: "["): open.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: "\""):
                let end = endOfText(from: place, in: bytes)
                if let last = open.indices.last, open[last] != nil, isName(endingAt: end, in: bytes) {
                    let name = text(bytes[place...end])
                    if open[last]?.insert(name).inserted == false { return name }
                }
                place = end
            default: break
            }
            place += 1
        }
        return nil
    }

    /// The place of the closing quote.
    private static func endOfText(from start: Int, in bytes: [UInt8]) -> Int {
        var place = start + 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(place, bytes.count - 1)
    }

    private static func isName(endingAt end: Int, in bytes: [UInt8]) -> Bool {
        bytes[(end + 1)...].first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: ":")
    }

    /// `quoted`: with its quotes.
    private static func text(_ quoted: ArraySlice<UInt8>) -> String {
        if quoted.contains(UInt8(ascii: "\\")), let text = try? JSONDecoder().decode(String.self, from: Data(quoted)) { return text }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
}
