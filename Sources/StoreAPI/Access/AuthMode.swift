import Configuration
package import Identity
import Program
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
        guard case .header(let proxies) = self else { return nil }
        return proxies.isEmpty
            ? "Callers are believed to be whoever X-User-Id names: keep this API behind a proxy that sets the header"
            : "Callers are believed to be whoever X-User-Id names, if they come from the proxies that are named"
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
        let isProduction = reader.string(forKey: "environment") == "production"
        switch reader.string(forKey: "auth.mode") ?? "" {
        case "", "header":
            let ranges = try reader.list("auth.proxy.addresses").map { text in
                guard let range = AddressRange(text) else {
                    throw SettingError(message: "AUTH_PROXY_ADDRESSES must be addresses or networks such as 10.42.0.0/16, not \"\(text)\"")
                }
                return range
            }
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
                guard let text = reader.string(forKey: key), !text.isEmpty else {
                    throw SettingError(message: "AUTH_MODE=oidc needs \(name)")
                }
                return text
            }
            let issuer = try needed("oidc.issuer", "OIDC_ISSUER")
            guard issuer.hasPrefix("https://") || (issuer.hasPrefix("http://") && !isProduction) else {
                throw SettingError(message: "OIDC_ISSUER must be an https:// address")
            }
            self = .oidc(
                OpenIDIssuer.Configuration(
                    issuer: issuer,
                    audience: try needed("oidc.audience", "OIDC_AUDIENCE"),
                    userClaim: reader.string(forKey: "oidc.user.claim", default: "sub"),
                    groupsClaim: reader.string(forKey: "oidc.groups.claim", default: "groups"),
                    operatorGroups: Set(reader.list("oidc.operator.groups")),
                    adminGroups: Set(reader.list("oidc.admin.groups"))
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
    /// Cookies go by TLS alone.
    let secureCookies: Bool

    /// - `AUTH_KEYS`: what signs sessions, see `KeyRing`; it is needed.
    /// - `SIGN_UP` (open; with ENVIRONMENT=production invitation): open, invitation or closed.
    /// - `COOKIE_SECURE` (true with ENVIRONMENT=production, else false): true or false.
    init(reader: ConfigReader, isProduction: Bool) throws {
        keys = try KeyRing(reader.string(forKey: "auth.keys", isSecret: true) ?? "", setting: "AUTH_KEYS")
        let word = reader.string(forKey: "sign.up") ?? ""
        guard let signUp = word.isEmpty ? (isProduction ? .invitation : .open) : SignUp(rawValue: word) else {
            throw SettingError(message: "SIGN_UP must be open, invitation or closed, not \"\(word)\"")
        }
        self.signUp = signUp
        switch reader.string(forKey: "cookie.secure") ?? "" {
        case "": secureCookies = isProduction
        case "true": secureCookies = true
        case "false": secureCookies = false
        case let text: throw SettingError(message: "COOKIE_SECURE must be true or false, not \"\(text)\"")
        }
    }
}
