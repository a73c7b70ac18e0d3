import Foundation
import HTTPTypes
import Hummingbird
import Program

/// Whose requests are counted together: an IPv4 address, or the /64 that one customer has of IPv6.
struct ClientAddress: Sendable, Equatable, CustomStringConvertible {
    let description: String

    /// `nil` for what is no address.
    init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            description = text
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            // IPv4 as a socket of both kinds tells it: ::ffff:a.b.c.d.
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            description =
                isMapped
                ? bytes[12...].map { String($0) }.joined(separator: ".")
                : stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
                    + "::/64"
        } else {
            return nil
        }
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
