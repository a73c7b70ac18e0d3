package import Configuration
package import StoreDomain

extension StoreAddressing {
    /// Reads `ENVIRONMENT` (local), and of it `LOCAL_INGRESS_SUFFIX` (.localhost) or `PROD_INGRESS_SUFFIX`, which production needs: a domain that
    /// stores' names are put before. `INGRESS_PORT` (0: the scheme's own).
    ///
    /// `nil`: a production without a suffix, which cannot make stores. Throws `SettingError`.
    package init?(reader: ConfigReader) throws(SettingError) {
        let isProduction = try InstallationKind(reader: reader) == .production
        let port = try reader.number("ingress.port", default: 0, in: 0...65_535)
        let told = try Self.suffix(reader, isProduction ? "prod.ingress.suffix" : "local.ingress.suffix")
        guard let suffix = told ?? (isProduction ? nil : ".localhost") else { return nil }
        self.init(scheme: isProduction ? .https : .http, suffix: suffix, port: port == 0 || port == (isProduction ? 443 : 80) ? nil : port)
    }

    private static func suffix(_ reader: ConfigReader, _ key: ConfigKey) throws(SettingError) -> String? {
        let longest = 253 - StoreSlug.maximumLength - 8
        return try reader.value(
            key,
            "a domain such as .stores.example.com: a-z, 0-9 and - between dots, in lower case, without scheme, port and wildcard"
        ) { text in
            let name = text.hasPrefix(".") ? String(text.dropFirst()) : text
            // What the settings' table shows as an example is nobody's.
            return HostName(name) != nil && name.utf8.count <= longest && name != "yourdomain.com" ? "." + name : nil
        }
    }
}
