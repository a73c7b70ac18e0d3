import Configuration
package import Identity
package import Program
import Sealing

/// How the API knows who asks.
package enum AuthMode: Sendable {
    /// Whoever `X-User-Id` names: for local use, or behind a proxy that sets the header and drops the caller's own. `proxies`: the
    /// addresses from which the header is believed; empty: from all.
    case header(proxies: [AddressRange])
    /// Whoever signed in here.
    case accounts(AccountsSettings)
    /// Whoever the tokens of an OpenID Connect issuer name.
    case oidc(OpenIDIssuer.Configuration)

    package var name: String {
        switch self {
        case .header: "header"
        case .accounts: "accounts"
        case .oidc: "oidc"
        }
    }

    /// What an operator should know at start.
    package var warning: String? {
        switch self {
        case .oidc: return nil
        case .accounts(let settings):
            return settings.cookies.isSecure
                ? nil
                : "Sessions' cookies go without TLS and by names that any page below this host can set: people sign in at http://localhost alone"
        case .header(let proxies):
            return proxies.isEmpty
                ? "Callers are believed to be whoever X-User-Id names: keep this API behind a proxy that sets the header"
                : "Callers are believed to be whoever X-User-Id names, if they come from the proxies that are named"
        }
    }

    /// Reads, from the environment:
    /// - `AUTH_MODE` (header): header, accounts or oidc.
    /// - `AUTH_PROXY_ADDRESSES`: of `header`, from where the header is believed: addresses or networks, separated by commas. Without it
    ///   from everywhere, which `ENVIRONMENT=production` refuses.
    /// - `AUTH_KEYS`, `SIGN_UP`, `COOKIE_SECURE`: of `accounts`, see `AccountsSettings`.
    /// - `OIDC_ISSUER`, `OIDC_AUDIENCE`: of `oidc`, both needed. `OIDC_USER_CLAIM` (sub), `OIDC_GROUPS_CLAIM` (groups),
    ///   `OIDC_OPERATOR_GROUPS`, `OIDC_ADMIN_GROUPS`: whose members are operators and admins, separated by commas.
    ///
    /// Throws `SettingError` for any other word: who asks for accounts must not get an API that believes a header.
    init(reader: ConfigReader) throws {
        let isProduction = try InstallationKind(reader: reader) == .production
        switch reader.text("auth.mode") ?? "header" {
        case "header":
            let ranges = try reader.list("auth.proxy.addresses", "addresses or networks such as 10.42.0.0/16") { AddressRange($0) }
            guard !ranges.isEmpty || !isProduction else {
                throw SettingError(
                    message: """
                        AUTH_MODE=header with ENVIRONMENT=production believes anybody to be anyone: name the proxies that set X-User-Id in \
                        AUTH_PROXY_ADDRESSES, or choose AUTH_MODE=accounts or oidc
                        """
                )
            }
            self = .header(proxies: ranges)
        case "accounts":
            self = .accounts(try AccountsSettings(reader: reader, isProduction: isProduction))
        case "oidc":
            func needed(_ key: ConfigKey, _ name: String) throws -> String {
                guard let text = reader.text(key) else {
                    throw SettingError(message: "AUTH_MODE=oidc needs \(name)")
                }
                return text
            }
            let issuer = try needed("oidc.issuer", "OIDC_ISSUER")
            guard WebAddress.isBase(issuer), issuer.hasPrefix("https://") || !isProduction else {
                throw SettingError(message: "OIDC_ISSUER must be an https:// address without query and fragment, not \"\(issuer)\"")
            }
            func groups(_ key: ConfigKey) throws -> Set<String> { Set(try reader.list(key, "groups") { $0 }) }
            self = .oidc(
                OpenIDIssuer.Configuration(
                    issuer: issuer,
                    audience: try needed("oidc.audience", "OIDC_AUDIENCE"),
                    userClaim: reader.text("oidc.user.claim") ?? "sub",
                    groupsClaim: reader.text("oidc.groups.claim") ?? "groups",
                    operatorGroups: try groups("oidc.operator.groups"),
                    adminGroups: try groups("oidc.admin.groups")
                )
            )
        case let text:
            throw SettingError(message: "AUTH_MODE must be header, accounts or oidc, not \"\(text)\"")
        }
    }
}

/// How people have accounts here.
package struct AccountsSettings: Sendable {
    /// Who may make an account.
    package enum SignUp: String, Sendable, CaseIterable {
        case open
        /// Who has an invitation.
        case invitation
        /// Nobody; operators make them.
        case closed
    }

    let keys: KeyRing
    let signUp: SignUp
    let cookies: SessionCookies

    /// - `AUTH_KEYS`: what signs sessions, see `KeyRing`; it is needed.
    /// - `SIGN_UP` (open; with ENVIRONMENT=production invitation): open, invitation or closed.
    /// - `COOKIE_SECURE` (true with ENVIRONMENT=production, else false): true, or without production false, for http://localhost.
    init(reader: ConfigReader, isProduction: Bool) throws {
        keys = try KeyRing(reader.text("auth.keys", isSecret: true) ?? "", setting: "AUTH_KEYS")
        signUp = try reader.word("sign.up", default: isProduction ? .invitation : .open)
        let isSecure = try reader.flag("cookie.secure") ?? isProduction
        guard isSecure || !isProduction else {
            throw SettingError(message: "COOKIE_SECURE must be true with ENVIRONMENT=production: who listens would have the sessions")
        }
        cookies = isSecure ? .secure : .plain
    }
}
