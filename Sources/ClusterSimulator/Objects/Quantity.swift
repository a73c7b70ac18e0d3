/// An amount of a resource, as `resource.Quantity` of Kubernetes reads and prints it; exact to a thousandth.
struct Quantity: Sendable, Equatable, Comparable {
    /// Thousandths of the unit: millicores, or thousandths of a byte.
    var milli: Int64
    /// Whether it was written with a binary suffix, and is printed with one.
    var isBinary = false

    static let zero = Quantity(milli: 0)

    private static let binary: [(suffix: String, factor: Int64)] = [
        ("Ei", 1 << 60), ("Pi", 1 << 50), ("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10),
    ]
    private static let decimal: [(suffix: String, factor: Int64)] = [
        ("E", 1_000_000_000_000_000_000), ("P", 1_000_000_000_000_000), ("T", 1_000_000_000_000), ("G", 1_000_000_000),
        ("M", 1_000_000), ("k", 1000),
    ]

    init(milli: Int64, isBinary: Bool = false) {
        self.milli = milli
        self.isBinary = isBinary
    }

    init(_ count: Int) { self.init(milli: Int64(count) * 1000) }

    /// `nil` for what is not a quantity or does not fit.
    init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self.init(text)
        case .integer(let count): self.init(milli: count.multipliedReportingOverflow(by: 1000).partialValue)
        case .number(let count): self.init(milli: Int64((count * 1000).rounded(.up)))
        default: return nil
        }
    }

    init?(_ text: String) {
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" }
        let suffix = text.dropFirst(digits.count)
        guard let number = Double(digits) else { return nil }
        let scale: Double
        if suffix.isEmpty {
            scale = 1000
        } else if suffix == "m" {
            scale = 1
        } else if let entry = Self.binary.first(where: { $0.suffix == suffix }) {
            scale = Double(entry.factor) * 1000
            isBinary = true
        } else if let entry = Self.decimal.first(where: { $0.suffix == suffix }) {
            scale = Double(entry.factor) * 1000
        } else if suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()) {
            scale = (0..<abs(exponent)).reduce(1000.0) { value, _ in exponent < 0 ? value / 10 : value * 10 }
        } else {
            return nil
        }
        let product = (number * scale).rounded(.up)
        guard abs(product) < 9e18 else { return nil }
        milli = Int64(product)
    }

    var text: String {
        guard milli % 1000 == 0 else { return "\(milli)m" }
        let whole = milli / 1000
        guard whole != 0 else { return "0" }
        let suffixes = isBinary ? Self.binary : Self.decimal
        guard let entry = suffixes.first(where: { whole % $0.factor == 0 }) else { return String(whole) }
        return "\(whole / entry.factor)\(entry.suffix)"
    }

    static func < (left: Quantity, right: Quantity) -> Bool { left.milli < right.milli }
    static func == (left: Quantity, right: Quantity) -> Bool { left.milli == right.milli }

    static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(milli: left.milli + right.milli, isBinary: left.isBinary || right.isBinary)
    }
}
