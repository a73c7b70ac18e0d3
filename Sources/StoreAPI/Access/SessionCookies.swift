import Foundation
import HTTPTypes
import Hummingbird
import Identity

/// The two cookies of a session. No script can read either.
enum SessionCookies {
    /// Says who asks, with every request, for some minutes.
    static let access = "sw_access"
    /// Gets a new pair, and goes to `/api/auth` alone.
    static let refresh = "sw_refresh"

    static func set(access token: String, secure: Bool) -> String {
        cookie(access, token, path: "/", maxAge: Int(SessionSigner.lifetime), secure: secure)
    }

    static func set(refresh token: String, for seconds: Int, secure: Bool) -> String {
        cookie(refresh, token, path: "/api/auth", maxAge: seconds, secure: secure)
    }

    static func cleared(secure: Bool) -> [String] {
        [cookie(access, "", path: "/", maxAge: 0, secure: secure), cookie(refresh, "", path: "/api/auth", maxAge: 0, secure: secure)]
    }

    private static func cookie(_ name: String, _ value: String, path: String, maxAge: Int, secure: Bool) -> String {
        "\(name)=\(value); Path=\(path); Max-Age=\(maxAge); HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "")
    }
}

extension Request {
    /// The first cookie of that name.
    func cookie(_ name: String) -> String? {
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return String(parts[1]) }
            }
        }
        return nil
    }
}
