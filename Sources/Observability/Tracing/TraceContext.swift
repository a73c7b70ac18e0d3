/// Where in a trace something happens; W3C Trace Context, version 00.
package struct TraceContext: Sendable, Equatable {
    /// Of the work that this task does.
    @TaskLocal package static var current: TraceContext?

    /// 32 lower-case hex digits, not all 0: the same from the click to the Helm command.
    package let trace: String
    /// 16 lower-case hex digits, not all 0.
    package let span: String
    package let isSampled: Bool

    /// A new trace.
    package init() { self.init(trace: Self.random(digits: 32), isSampled: true) }

    private init(trace: String, isSampled: Bool) {
        self.trace = trace
        self.isSampled = isSampled
        span = Self.random(digits: 16)
    }

    /// `nil` for anything but `VV-TRACE-SPAN-FLAGS` in lower case; of a later version (ff is none) what version 00 knows of it.
    package init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, traceparent.utf8.count <= 255, parts[0].count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts[...3].allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        trace = String(parts[1])
        span = String(parts[2])
        isSampled = flags & 1 == 1
    }

    /// A span within the same trace.
    package var child: TraceContext { TraceContext(trace: trace, isSampled: isSampled) }

    package var traceparent: String { "00-\(trace)-\(span)-\(isSampled ? "01" : "00")" }

    private static func random(digits: Int) -> String {
        var text = ""
        while text.count < digits {
            let half = String(UInt64.random(in: 1...UInt64.max), radix: 16)
            text += String(repeating: "0", count: 16 - half.count) + half
        }
        return text
    }
}
