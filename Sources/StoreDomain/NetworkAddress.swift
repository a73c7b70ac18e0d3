import Foundation

/// An IPv4 or IPv6 address, without port, brackets and zone.
package struct NetworkAddress: Sendable, Equatable, CustomStringConvertible {
    /// 4, or 16.
    package private(set) var bytes: [UInt8]

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

    /// 4 bytes, or 16; `nil` for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// The IPv4 address that a socket of both kinds tells as `::ffff:a.b.c.d`; itself for any other.
    package var unmapped: NetworkAddress {
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff else { return self }
        var copy = self
        copy.bytes = Array(bytes[12...])
        return copy
    }

    /// How long it is, in bits.
    package var bits: Int { bytes.count * 8 }

    /// The following one; after the last comes the first.
    package var next: NetworkAddress {
        var copy = self
        for index in copy.bytes.indices.reversed() {
            copy.bytes[index] &+= 1
            if copy.bytes[index] != 0 { break }
        }
        return copy
    }

    /// As inet_ntop writes it.
    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        _ = inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a socket of IPv6 can be made at all.
    package static var machineHasIPv6: Bool {
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
