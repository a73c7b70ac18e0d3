/// Names that nobody else has: of an attempt, of a taking.
package enum RandomToken {
    /// 128 random bits as 32 hexadecimal digits.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(unsafeUninitializedCapacity: 32) { digits in
            for half in 0..<2 {
                var bits: UInt64 = generator.next()
                for place in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: bits & 15)
                    digits[half * 16 + place] = digit < 10 ? 48 + digit : 87 + digit
                    bits >>= 4
                }
            }
            return 32
        }
    }
}
