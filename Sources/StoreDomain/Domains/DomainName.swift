import Foundation

/// A host that an owner may bring along, as the DNS has it: lower case, punycode, without a dot at its end.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// Objects in the cluster are named after it, with `domain-` before it and 253 characters in all.
    package static let maximumLength = 240

    package let rawValue: String

    /// Why a text names no host that can be brought along; for people.
    package struct Invalid: Error, Sendable, Equatable {
        package let reason: String
    }

    /// As people write it, e.g. `WWW.Example.com.` or `müller.de`. Unicode becomes punycode by UTS #46, as Foundation's ICU has it.
    package init(_ text: String) throws(Invalid) {
        let typed = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard !typed.isEmpty else { throw Invalid(reason: "Name a domain such as www.example.com") }
        guard !typed.contains("*") else { throw Invalid(reason: "A wildcard cannot be added: add each address by itself") }
        guard NetworkAddress(typed) == nil, !typed.contains(":") || typed.contains("/") else {
            throw Invalid(reason: "An IP address or a port is no domain")
        }
        guard typed.utf8.count <= 1_000,
            !typed.unicodeScalars.contains(where: { "/\\?#@:%[]".unicodeScalars.contains($0) || !$0.isVisible }),
            let host = URLComponents(string: "http://\(typed)/").flatMap({ $0.host == nil ? nil : $0.encodedHost })?.lowercased(),
            HostName(host) != nil
        else {
            throw Invalid(reason: "A domain is letters, digits and - between dots, as www.example.com, without http:// and without a path")
        }
        guard host.utf8.count <= Self.maximumLength else {
            throw Invalid(reason: "The domain may have \(Self.maximumLength) characters at most")
        }
        let labels = host.split(separator: ".")
        guard NetworkAddress(host) == nil, let last = labels.last, last.utf8.contains(where: { !(0x30...0x39).contains($0) }) else {
            throw Invalid(reason: "An IP address is no domain")
        }
        if let special = Self.specialUse.first(where: { host == $0 || host.hasSuffix("." + $0) }) {
            throw Invalid(reason: "Nobody outside can reach a domain below .\(special)")
        }
        guard labels.count > 1 else { throw Invalid(reason: "A domain has a dot, as www.example.com") }
        rawValue = host
    }

    /// Reads what this type wrote; `nil` for anything else.
    package init?(stored text: String) {
        guard HostName(text) != nil, text.contains("."), text.utf8.count <= Self.maximumLength else { return nil }
        rawValue = text
    }

    /// As people write it: Unicode for punycode that is well formed.
    package var displayed: String { URLComponents(string: "http://\(rawValue)/")?.host ?? rawValue }

    /// Of its Ingress and of the Secret with its certificate.
    package var objectName: String { "domain-" + rawValue }

    package var description: String { rawValue }

    /// Whether it is `other` or below it.
    package func isWithin(_ other: String) -> Bool { rawValue == other || rawValue.hasSuffix("." + other) }

    /// Names that the public DNS does not have, or that are for other than hosts (RFC 6761, 6762, 7686, 8375, 9476; .internal by ICANN), and a
    /// cluster's own.
    private static let specialUse = [
        "localhost", "local", "internal", "example", "arpa", "test", "invalid", "onion", "alt", "lan", "home", "corp", "cluster.local",
    ]
}
