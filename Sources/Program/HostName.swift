import Foundation

/// A name in the DNS as RFC 1123 has it: labels of a–z, 0–9 and `-`, lower case, without a dot at the end.
package struct HostName: Sendable, Equatable {
    package let text: String

    package init?(_ text: String) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { return nil }
        self.text = text
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let line = UInt8(ascii: "-")
        return (1...63).contains(label.utf8.count) && label.utf8.first != line && label.utf8.last != line
            && label.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == line }
    }
}

/// An IPv4 or IPv6 address, without port, brackets and zone.
package struct NetworkAddress: Sendable, Equatable {
    /// 4, or 16.
    package let bytes: [UInt8]

    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes[..<4])
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    /// Whether a socket of IPv6 can be made at all.
    static var machineHasIPv6: Bool {
        #if canImport(Darwin)
        let stream = SOCK_STREAM
        #else
        let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        let socket = socket(AF_INET6, stream, 0)
        if socket >= 0 { close(socket) }
        return socket >= 0
    }

    /// The same with port, brackets or zone, as proxies write whom they saw: `203.0.113.1:4711`, `[2001:db8::1]:4711`, `fe80::1%eth0`.
    package static func host(of text: String) -> String {
        var host = text[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if host.count(where: { $0 == ":" }) == 1 {
            host = host.prefix { $0 != ":" }
        }
        return String(host.prefix { $0 != "%" })
    }
}
