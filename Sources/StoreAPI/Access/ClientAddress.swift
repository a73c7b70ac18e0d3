import Foundation
import HTTPTypes
import Hummingbird
import Program
import StoreDomain

/// Whose requests are counted together: an IPv4 address, or the /64 that one customer has of IPv6.
struct ClientAddress: Sendable, Equatable, CustomStringConvertible {
    let description: String

    /// `nil` for what is no address.
    init?(_ text: String) {
        guard let address = NetworkAddress(text)?.unmapped else { return nil }
        let bytes = address.bytes
        description =
            bytes.count == 4
            ? "\(address)"
            : stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
                + "::/64"
    }

    /// Who asks: with proxies before us the one whom the outermost of them saw, otherwise who is connected. What stands further left in
    /// `X-Forwarded-For` anybody can have written. Some proxies write the client's port, too.
    init?(of request: Request, peer: String?, proxies: Int) {
        let seen = request.headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }.map {
            $0.filter { !$0.isWhitespace && $0 != "\"" }
        }
        let told = proxies > 0 && seen.count >= proxies ? ClientAddress(NetworkAddress.host(of: seen[seen.count - proxies])) : nil
        guard let address = told ?? peer.flatMap({ ClientAddress($0) }) else { return nil }
        self = address
    }
}
