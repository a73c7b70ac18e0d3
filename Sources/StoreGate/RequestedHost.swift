import HTTPTypes
import Hummingbird
import StoreDomain

/// The host that a request is for: without its port, in lower case, punycode as it is.
struct RequestedHost: Hashable, Sendable {
    let text: String

    /// `nil` for what no store can have: several hosts, none, an IP address, a name without a dot, or no name at all.
    init?(of request: Request) {
        // The first is the authority; what remains among the headers is another.
        guard let authority = request.head.authority, request.headers[.host] == nil else { return nil }
        self.init(authority: authority)
    }

    /// `authority`: the header's text, e.g. `Acme.example.com:8080`.
    init?(authority: String) {
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) || parts[1].utf8.count > 5 { return nil }
        // A dot at the end says that the name is complete.
        let name = parts[0].hasSuffix(".") ? parts[0].dropLast() : parts[0]
        guard name.utf8.count <= 253, name.utf8.allSatisfy({ $0 < 0x80 }), let host = HostName(name.lowercased()) else { return nil }
        // A name whose last label is a number is an IPv4 address.
        let labels = host.text.split(separator: ".")
        guard labels.count > 1, labels[labels.count - 1].utf8.contains(where: { !(0x30...0x39).contains($0) }) else { return nil }
        text = host.text
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host") ?? .from
}
