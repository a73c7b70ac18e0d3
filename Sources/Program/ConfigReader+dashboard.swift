package import Configuration

extension ConfigReader {
    /// `DASHBOARD_URL`: the address of the page as people reach it, without a slash at its end; `nil`: nobody said.
    package func dashboardURL() throws(SettingError) -> String? {
        try value("dashboard.url", "an http or https address such as https://weaver.example.com") { text in
            guard WebAddress.isBase(text), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
    }
}
