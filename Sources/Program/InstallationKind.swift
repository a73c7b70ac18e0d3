package import Configuration

/// Whom an installation is for: the variable `ENVIRONMENT`. Any other word ends the start: it would leave sign-up open and cookies insecure.
package enum InstallationKind: String, Sendable, CaseIterable {
    case local
    case production

    /// Throws `SettingError`.
    package init(reader: ConfigReader) throws(SettingError) { self = try reader.word("environment", default: .local) }
}
