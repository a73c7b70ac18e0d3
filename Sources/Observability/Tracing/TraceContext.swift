import Synchronization

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

    /// `digits`: 16 for each number that is drawn.
    private static func random(digits: Int) -> String {
        generator.withLock { generator in
            String(unsafeUninitializedCapacity: digits) { text in
                for place in stride(from: 0, to: digits, by: 16) {
                    // 0 is no id.
                    let number = max(1, generator.next())
                    for digit in 0..<16 {
                        let value = UInt8(truncatingIfNeeded: number >> (60 - 4 * digit)) & 0xf
                        text[place + digit] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                    }
                }
                return digits
            }
        }
    }

    private static let generator = Mutex(IDGenerator())
}

/// Numbers that hardly ever repeat, and that nobody takes for a secret: the system's generator is a system call for each. Xoshiro256**, by D. Blackman
/// and S. Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021.
private struct IDGenerator: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var system = SystemRandomNumberGenerator()
        // A state of zeros would stay one.
        state = (system.next(), system.next(), system.next(), system.next() | 1)
    }

    mutating func next() -> UInt64 {
        func rotated(_ value: UInt64, by places: UInt64) -> UInt64 { (value << places) | (value >> (64 - places)) }
        let result = rotated(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, by: 45)
        return result
    }
}
