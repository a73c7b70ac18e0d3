/// Cuts bytes into lines as they come. Of each line it keeps the beginning: the rest, up to the line's end, is dropped.
package struct LineSplitter: Sendable {
    private let limit: Int
    private var line: [UInt8] = []

    /// `limit`: how many bytes of a line are kept.
    package init(limit: Int) { self.limit = limit }

    /// The lines that `bytes` complete, without their ends.
    package mutating func take(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0a) {
            line += rest[..<end].prefix(limit - line.count)
            lines.append(line)
            line = []
            rest = rest[rest.index(after: end)...]
        }
        line += rest.prefix(limit - line.count)
        return lines
    }

    /// What came after the last line's end; `nil` for nothing.
    package var unfinished: [UInt8]? { line.isEmpty ? nil : line }
}
