import Foundation
import StoreDomain

/// Addresses as settings have them.
package enum WebAddress {
    /// Scheme, host and maybe a port, as browsers send it in `Origin`: `https://app.example.com`.
    package static func isOrigin(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), isPlain(parts), parts.path.isEmpty else { return false }
        return text == text.lowercased()
    }

    /// An http or https address without user, query and fragment.
    package static func isBase(_ text: String) -> Bool { URLComponents(string: text).map(isPlain) ?? false }

    private static func isPlain(_ parts: URLComponents) -> Bool {
        guard ["http", "https"].contains(parts.scheme ?? ""), let host = parts.host, parts.user == nil, parts.query == nil,
            parts.fragment == nil
        else { return false }
        return (1...65_535).contains(parts.port ?? 80)
            && (HostName(host.lowercased()) != nil || NetworkAddress(NetworkAddress.host(of: host)) != nil)
    }
}
