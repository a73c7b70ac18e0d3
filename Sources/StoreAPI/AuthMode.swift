import Configuration
import Program

/// How the API knows who asks.
package enum AuthMode: String, Sendable, CaseIterable {
    /// Whoever `X-User-Id` names: for local use, or behind a proxy that sets the header and drops the caller's own.
    case header

    /// Reads `AUTH_MODE` (header). Throws `SettingError` for any other word: who asks for accounts must not get an API that believes a header.
    init(reader: ConfigReader) throws(SettingError) {
        let text = reader.string(forKey: "auth.mode") ?? ""
        guard let mode = text.isEmpty ? .header : Self(rawValue: text) else {
            throw SettingError(message: "AUTH_MODE must be header, the only mode that there is yet, not \"\(text)\"")
        }
        self = mode
    }

    /// What an operator should know at start.
    package var warning: String {
        switch self {
        case .header: "Callers are believed to be whoever X-User-Id names: keep this API behind a proxy that sets the header"
        }
    }
}
