import Foundation
import StoreDomain

/// Where a webhook is, as its owner wrote it, taken apart once: what connects and what was checked are the same host and port.
package struct WebhookAddress: Sendable, Equatable {
    /// Lower-case name, or an IP address without brackets.
    package let host: String
    package let port: Int
    package let isSecure: Bool
    /// Scheme, host and port: what may be shown of it.
    package let origin: String
    private let target: String

    /// The whole of it, as requests are made to it.
    package var url: String { origin + target }

    package static let form =
        "an address such as https://hooks.example.com/path, without user, password and fragment, of at most 2000 characters, at port 80, 443 or from 1024 on"

    /// `nil` for what is no such address.
    package init?(_ text: String) {
        guard text.utf8.count <= 2_000, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !text.utf8.contains(where: { "\\#\"<>^`{|}".utf8.contains($0) }), let colon = text.range(of: "://")
        else { return nil }
        switch text[..<colon.lowerBound].lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: return nil
        }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let (name, number) = Self.parts(of: authority) else { return nil }
        let standard = isSecure ? 443 : 80
        port = number ?? standard
        let written: String
        if name.hasPrefix("[") {
            guard name.hasSuffix("]"), let address = NetworkAddress(String(name.dropFirst().dropLast())), address.bits == 128 else {
                return nil
            }
            host = "\(address)"
            written = "[\(address)]"
        } else {
            let lower = name.lowercased()
            guard NetworkAddress(lower)?.bits == 32 || Self.isName(lower) else { return nil }
            host = lower
            written = lower
        }
        origin = "\(isSecure ? "https" : "http")://\(written)" + (port == standard ? "" : ":\(port)")
        let path = rest[authority.endIndex...]
        target = path.hasPrefix("/") ? String(path) : "/" + path
    }

    /// A name that no resolver takes for a number, such as `127.1`, `0x7f000001` or `2130706433`.
    private static func isName(_ text: String) -> Bool {
        guard HostName(text) != nil, let last = text.split(separator: ".").last else { return false }
        return last.utf8.contains { !(0x30...0x39).contains($0) } && !last.hasPrefix("0x")
    }

    /// No service of the system that is something else than a web server, such as mail's.
    private static func mayServe(_ port: Int) -> Bool { port == 80 || port == 443 || (1_024...65_535).contains(port) }

    /// Host and port; `nil` where a user is named, or the port is none.
    private static func parts(of authority: Substring) -> (host: Substring, port: Int?)? {
        guard !authority.contains("@") else { return nil }
        let end = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[end...].firstIndex(of: ":") else { return (authority, nil) }
        let digits = authority[authority.index(after: colon)...]
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), mayServe(port)
        else { return nil }
        return (authority[..<colon], port)
    }
}
