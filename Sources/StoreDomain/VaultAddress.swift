import struct Foundation.URLComponents

/// Where stores' pods, the workers and the API reach the vault.
package struct VaultAddress: Sendable, Equatable {
    package static let form = "http:// or https:// with a host and maybe a port, e.g. http://weaver-vault.store-weaver.svc:3000"

    package let isSecure: Bool
    /// An IPv6 address has no brackets.
    package let host: String
    package let port: Int

    /// `http://HOST[:PORT]` or `https://HOST[:PORT]`, with nothing after it; else `nil`.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme), let host = parts.host,
            !host.isEmpty, parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil, parts.user == nil,
            parts.password == nil, parts.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        isSecure = scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (isSecure ? 443 : 80)
    }

    package var url: String { "\(isSecure ? "https" : "http")://\(authority)" }

    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
