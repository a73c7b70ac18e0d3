/// An SMTP server that mail is sent by. Prints without its password.
package struct MailServer: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Security: String, Sendable, CaseIterable {
        case starttls
        case tls
        case none

        /// The port that servers have for it.
        package var port: Int {
            switch self {
            case .starttls: 587
            case .tls: 465
            case .none: 25
            }
        }
    }

    package struct Account: Sendable, Equatable {
        package let user: String
        package let password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    package let host: String
    package let port: Int
    package let security: Security
    /// The sender's address.
    package let from: String
    /// `nil` where the server asks for none.
    package let account: Account?

    package init(host: String, port: Int, security: Security, from: String, account: Account?) {
        self.host = host
        self.port = port
        self.security = security
        self.from = from
        self.account = account
    }

    package var description: String { "\(host):\(port) (\(security.rawValue))" }
    package var debugDescription: String { description }
}
