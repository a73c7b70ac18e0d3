import HTTPTypes
import StoreDomain

/// The parameters of an address, decoded once and to the letter: `+` is a space, what is no UTF-8 or no percent encoding is refused, and so is
/// what is given twice.
struct Query: Sendable {
    private var values: [String: String] = [:]
    private var names: [String] = []

    init() {}

    /// `text`: what follows the question mark. Throws `APIError`.
    init(_ text: String?) throws {
        guard let text else { return }
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = String(percentEncoded: parts[0], plusIsSpace: true),
                let value = parts.count == 2 ? String(percentEncoded: parts[1], plusIsSpace: true) : ""
            else { throw APIError(.badRequest, "The address' query is not UTF-8 in percent encoding", code: "not-utf-8") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw APIError(.badRequest, "\(Self.told(name)) is given twice", code: "given-twice", field: Self.told(name))
            }
            names.append(name)
        }
    }

    /// `nil` where it is absent or empty.
    subscript(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// The value of a parameter that is there, be it empty.
    func given(_ name: String) -> String? { values[name] }

    /// Throws `APIError` for the first parameter that is none of these.
    func refuse(beside known: [String]) throws {
        guard let other = names.first(where: { !known.contains($0) }) else { return }
        let text = known.isEmpty ? "there are none here" : "there are " + known.joined(separator: ", ")
        throw APIError(
            .badRequest,
            "\(Self.told(other)) is no parameter of this address: \(text)",
            code: "unknown-parameter",
            field: Self.told(other)
        )
    }

    /// A number in the range; `nil` where it is absent. Throws `APIError`.
    func number<Number: FixedWidthInteger & Sendable>(_ name: String, in range: ClosedRange<Number>) throws -> Number? {
        guard let text = self[name] else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw APIError.wrong(name, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A value as `parse` has it; `nil` where it is absent. Throws `APIError`, which says what is `expected`.
    func value<Value>(_ name: String, _ expected: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = parse(text) else { throw APIError.wrong(name, "\(name) must be \(expected)") }
        return value
    }

    /// A name of the caller's in a message of ours.
    private static func told(_ name: String) -> String { String(name.inOneLine.prefix(100)) }
}

extension String {
    /// `nil` for what is no UTF-8, or no percent encoding (RFC 3986, 2.1).
    init?(percentEncoded text: some Sequence<UInt8>, plusIsSpace: Bool) {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next()?.hexDigit, let low = iterator.next()?.hexDigit else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        self.init(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
