import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Program
import StoreDomain

/// The two cookies of a session. No script can read either.
///
/// Over TLS their names begin with `__Host-`: browsers take those from this very host alone, so that no store on a domain below, or beside, puts
/// its own in their place. That needs `Secure` and the path `/`. Browsers send neither to plain http, so development at http://localhost has plain
/// names, and there alone: see `SessionRoutes`.
struct SessionCookies: Sendable {
    /// Says who asks, with every request, for some minutes.
    let access: String
    /// Gets a new pair.
    let refresh: String
    private let refreshPath: String
    let isSecure: Bool

    static let secure = SessionCookies(access: "__Host-sw_access", refresh: "__Host-sw_refresh", refreshPath: "/", isSecure: true)
    static let plain = SessionCookies(access: "sw_access", refresh: "sw_refresh", refreshPath: "/api/auth", isSecure: false)

    func set(access token: String) -> String { cookie(access, token, path: "/", maxAge: Int(SessionSigner.lifetime)) }

    func set(refresh token: String, for seconds: Int) -> String { cookie(refresh, token, path: refreshPath, maxAge: seconds) }

    var cleared: [String] { [cookie(access, "", path: "/", maxAge: 0), cookie(refresh, "", path: refreshPath, maxAge: 0)] }

    /// Whether a host, with or without a port, is the machine itself.
    static func isLocal(_ authority: String) -> Bool {
        let host = NetworkAddress.host(of: authority.lowercased())
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || (host.hasPrefix("127.") && NetworkAddress(host) != nil)
    }

    private func cookie(_ name: String, _ value: String, path: String, maxAge: Int) -> String {
        "\(name)=\(value); Path=\(path); Max-Age=\(maxAge); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }
}

extension Request {
    /// The cookie of that name. Throws `APIError` where there are two: one of them somebody else has put there, and which is not told.
    func cookie(_ name: String) throws -> String? {
        var found: Substring?
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0] == name else { continue }
                guard found == nil else {
                    throw APIError(
                        .badRequest,
                        "The cookie \(name) came twice: delete this site's cookies",
                        code: "given-twice",
                        field: name
                    )
                }
                found = parts[1]
            }
        }
        return found.flatMap { $0.isEmpty ? nil : String($0) }
    }
}
