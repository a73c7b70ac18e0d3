package import Configuration
package import StoreDomain

extension MailServer {
    /// Reads `SMTP_HOST`, `SMTP_FROM` (both, or no mail at all), `SMTP_TLS` (`starttls`; `tls` or `none`), `SMTP_PORT` (587, 465 or 25 by
    /// that), `SMTP_USER` and `SMTP_PASSWORD` (both or neither). `nil`: no mail is sent. Throws `SettingError`.
    package init?(reader: ConfigReader) throws(SettingError) {
        let host = try Self.host(reader)
        let from = try Self.from(reader)
        let security = try reader.word("smtp.tls", default: Security.starttls)
        let port = try reader.number("smtp.port", default: security.port, in: 1...65_535)
        let user = try reader.value("smtp.user", "one line of 255 characters at most", Self.line)
        let password = try reader.secret("smtp.password", "one line of 255 characters at most", Self.line)
        guard let host else {
            for key: ConfigKey in ["smtp.from", "smtp.tls", "smtp.port", "smtp.user", "smtp.password"]
            where reader.text(key, isSecret: true) != nil {
                throw SettingError(message: "\(ConfigReader.variable(key)) is set and SMTP_HOST is not: set both or neither")
            }
            return nil
        }
        guard let from else { throw SettingError(message: "SMTP_FROM must be the sender's e-mail address where SMTP_HOST is set") }
        guard (user == nil) == (password == nil) else {
            throw SettingError(message: "SMTP_USER and SMTP_PASSWORD must be set both or neither")
        }
        var account: Account?
        if let user, let password { account = Account(user: user, password: password) }
        self.init(host: host, port: port, security: security, from: from, account: account)
    }

    /// The sender's address alone, for who sends no mail and says that others do; `nil`: no mail is sent. Throws `SettingError`.
    package static func sender(reader: ConfigReader) throws(SettingError) -> String? {
        let from = try from(reader)
        return try host(reader) == nil ? nil : from
    }

    private static func host(_ reader: ConfigReader) throws(SettingError) -> String? {
        try reader.value("smtp.host", "a mail server's name in lower case or its IP address, without scheme and port") {
            NetworkAddress($0) != nil || HostName($0) != nil ? $0 : nil
        }
    }

    private static func from(_ reader: ConfigReader) throws(SettingError) -> String? {
        try reader.value("smtp.from", "the sender's e-mail address") { text in
            EmailAddress(text).flatMap { $0.isPresentable && !text.contains(where: \.isWhitespace) ? $0.rawValue : nil }
        }
    }

    private static func line(_ text: String) -> String? {
        text.count <= 255 && !text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? text : nil
    }
}
