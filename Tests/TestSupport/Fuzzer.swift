/// Seeded, so that a case that fails can be had again: splitmix64 (Steele, Lea, Flood).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}

/// Foreign bytes: samples as they ought to be, changed a little, for parsers that have to bear anything.
package enum Fuzzer {
    /// Pieces on which parsers have stumbled.
    private static let awkward = [
        "\"", "\\", "\0", "\n", "\u{202e}", "{", "}", "[", "]", ",", ":", "@", "/", "%", "%00", "%zz", "null", "true", "-0", "1e999",
        "9223372036854775808", "-9223372036854775809", "0.1", "\\ud800", "\"\":", "$(id)", "';--", "{{.}}",
        String(repeating: "[", count: 2_000),
        String(repeating: "{\"a\":", count: 1_000), String(repeating: "a", count: 5_000),
    ].map { Array($0.utf8) }

    /// Calls `body` with `count` cases, and prints the seed. A crash shows the seed as the last line; what is thrown ends the run.
    package static func run(_ name: String, samples: [String], seed: UInt64 = 0x5eed, count: Int, _ body: ([UInt8]) throws -> Void) rethrows
    {
        print("fuzzing \(name): \(count) cases, seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<count { try body(mutated(samples, using: &generator)) }
    }

    /// The same for bodies that wait.
    package static func cases(_ name: String, samples: [String], seed: UInt64 = 0x5eed, count: Int) -> [[UInt8]] {
        var cases: [[UInt8]] = []
        run(name, samples: samples, seed: seed, count: count) { cases.append($0) }
        return cases
    }

    private static func mutated(_ samples: [String], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(samples[Int.random(in: 0..<samples.count, using: &generator)].utf8)
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.insert(contentsOf: awkward[Int.random(in: 0..<awkward.count, using: &generator)], at: place)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
            case 3: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            case 4: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
            default: bytes.replaceSubrange(place..<end, with: awkward[Int.random(in: 0..<awkward.count, using: &generator)])
            }
        }
        return bytes
    }
}
