import CResolver
import Foundation
package import StoreDomain

/// A resolver's IPv4 address and port.
package struct NameServer: Sendable, Equatable {
    /// As many as resolver libraries ask.
    package static let most = 3

    package let address: NetworkAddress
    package let port: UInt16

    /// `192.0.2.53` or `192.0.2.53:5353`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = NetworkAddress(String(parts[0])), address.bytes.count == 4 else { return nil }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 53, port > 0 else { return nil }
        self.address = address
        self.port = port
    }

    /// As sockets have it.
    var socketAddress: sockaddr_in {
        var socket = sockaddr_in()
        socket.sin_family = sa_family_t(AF_INET)
        socket.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &socket.sin_addr) { $0.copyBytes(from: address.bytes) }
        return socket
    }
}
