import StoreDomain

/// Goes over a line once. What it looks ahead for ends before the next place from which it looks ahead for the same, so no byte is
/// looked at more than a fixed number of times: tenants choose these lines, and a backtracking pattern would let them choose its time.
struct SecretScanner {
    private let bytes: [UInt8]
    /// What it ends with may be half of something.
    private let isCut: Bool
    private(set) var steps = 0

    private static let mark = Array("<redacted>".utf8)
    /// A name with one of these in it names a secret.
    private static let words = [
        "password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "privatekey", "private_key", "private-key", "salt",
    ].map { Array($0.utf8) }
    private static let schemes = ["bearer", "basic"].map { Array($0.utf8) }[...]

    init(_ line: PlainText) {
        bytes = Array(line.text.utf8)
        isCut = line.isCut
    }

    mutating func redacted() -> String {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            let end = skip(from: place, while: Self.isOfName)
            if let secret = end > place ? secret(after: place..<end) : userInfo(at: place) {
                kept += bytes[place..<secret.lowerBound] + Self.mark
                place = secret.upperBound
            } else {
                kept += bytes[place..<max(end, place + 1)]
                place = max(end, place + 1)
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// What follows a name: `DB_PASSWORD=…`, `"secret": "…"`, `api_key: …`, `Bearer …`.
    private mutating func secret(after name: Range<Int>) -> Range<Int>? {
        if isSecret(name) { return value(from: name.upperBound) }
        guard endsWithScheme(name, of: Self.schemes.prefix(1)) else { return nil }
        return credentials(from: name.upperBound)
    }

    /// Of `=…` or `: "…"`; a quoted one goes to its quotation mark.
    private mutating func value(from place: Int) -> Range<Int>? {
        var start = skip(from: afterQuote(at: place), while: Self.isSpace)
        guard let separator = byte(start), separator == UInt8(ascii: "=") || separator == UInt8(ascii: ":") else { return nil }
        let opening = skip(from: start + 1, while: Self.isSpace)
        start = afterQuote(at: opening)
        var end = start
        if start > opening {
            // A mark that is escaped itself is closed by an escaped one.
            let closing = bytes[opening]
            while let next = byte(end), next != closing { end += next == UInt8(ascii: "\\") && end + 1 < bytes.count ? 2 : 1 }
            end = min(end, bytes.count)
        } else {
            end = skip(from: start) { !Self.isSpace($0) && !Self.endsValue($0) }
            if endsWithScheme(start..<end, of: Self.schemes), let more = credentials(from: end) { end = more.upperBound }
        }
        return end > start ? start..<end : nil
    }

    /// After `Bearer`.
    private mutating func credentials(from place: Int) -> Range<Int>? {
        let start = skip(from: place, while: Self.isSpace)
        let end = skip(from: start) { !Self.isSpace($0) && !Self.endsValue($0) }
        return start > place && end > start ? start..<end : nil
    }

    /// The password in `://user:…@host`. Ends at the next slash, so two of these never look at the same bytes.
    private mutating func userInfo(at place: Int) -> Range<Int>? {
        guard byte(place) == UInt8(ascii: ":"), byte(place + 1) == UInt8(ascii: "/"), byte(place + 2) == UInt8(ascii: "/") else {
            return nil
        }
        let colon = skip(from: place + 3) { !Self.isSpace($0) && ![UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "@")].contains($0) }
        guard byte(colon) == UInt8(ascii: ":") else { return nil }
        let end = skip(from: colon + 1) { !Self.isSpace($0) && $0 != UInt8(ascii: "/") }
        steps += end - colon
        let at = bytes[(colon + 1)..<end].lastIndex(of: UInt8(ascii: "@")) ?? (isCut && end == bytes.count ? end : colon)
        return at > colon + 1 ? (colon + 1)..<at : nil
    }

    private mutating func isSecret(_ name: Range<Int>) -> Bool {
        for place in name {
            for word in Self.words where begins(with: word, at: place) { return true }
        }
        return false
    }

    private mutating func endsWithScheme(_ range: Range<Int>, of schemes: ArraySlice<[UInt8]>) -> Bool {
        for word in schemes where range.count >= word.count && begins(with: word, at: range.upperBound - word.count) { return true }
        return false
    }

    /// Past a quotation mark, escaped or not, where there is one.
    private mutating func afterQuote(at place: Int) -> Int {
        let mark = byte(place) == UInt8(ascii: "\\") ? place + 1 : place
        return byte(mark) == UInt8(ascii: "\"") || byte(mark) == UInt8(ascii: "'") ? mark + 1 : place
    }

    /// Without regard to case.
    private mutating func begins(with word: [UInt8], at place: Int) -> Bool {
        for (offset, letter) in word.enumerated() {
            guard let next = byte(place + offset), next == letter || (0x41...0x5a).contains(next) && next | 0x20 == letter else {
                return false
            }
        }
        return true
    }

    private mutating func skip(from place: Int, while suits: (UInt8) -> Bool) -> Int {
        var end = place
        while let next = byte(end), suits(next) { end += 1 }
        return end
    }

    private mutating func byte(_ place: Int) -> UInt8? {
        steps += 1
        return place < bytes.count ? bytes[place] : nil
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), 0x80...: true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    private static func endsValue(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "}")].contains(byte)
    }
}
