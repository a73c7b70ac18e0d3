import Foundation

/// A Kubernetes quantity, e.g. `250m`, `1.5`, `512Mi` or `2e3`; never below zero.
package struct ResourceQuantity: Sendable, Equatable {
    private static let factors: [String: Decimal] = {
        var factors: [String: Decimal] = ["n": 1 / 1_000_000_000, "u": 1 / 1_000_000, "m": 1 / 1_000, "": 1]
        for (power, unit) in ["k", "M", "G", "T", "P", "E"].enumerated() {
            factors[unit] = pow(1_000, power + 1)
            factors[unit.uppercased() + "i"] = pow(1_024, power + 1)
        }
        return factors
    }()

    private let value: Decimal

    /// `nil` for anything that is no quantity.
    package init?(_ text: String) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var (factor, unit) = (Decimal(1), String(text.dropFirst(number.count)))
        // The exponent of a number, which an E for exa is not: digits follow it.
        if let first = unit.first, first == "e" || first == "E", unit.count > 1 {
            guard let exponent = Int(unit.dropFirst()), (-9...18).contains(exponent) else { return nil }
            factor = exponent < 0 ? 1 / pow(10, -exponent) : pow(10, exponent)
            unit = ""
        }
        guard !number.isEmpty, number.count <= 20, number.filter({ $0 == "." }).count <= 1, number != ".",
            let digits = Decimal(string: String(number), locale: nil), let scale = Self.factors[unit]
        else { return nil }
        value = digits * factor * scale
    }

    /// Rounded up, as the scheduler does; at most `Int.max`.
    package var whole: Int { Self.rounded(value) }
    /// In thousandths, rounded up: of a processor.
    package var thousandths: Int { Self.rounded(value * 1_000) }

    private static func rounded(_ value: Decimal) -> Int {
        var (exact, up) = (value, Decimal())
        NSDecimalRound(&up, &exact, 0, .up)
        return up >= Decimal(Int.max) ? .max : NSDecimalNumber(decimal: up).intValue
    }
}
