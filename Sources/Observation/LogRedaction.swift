/// Takes what looks like a secret out of a line of somebody's log.
///
/// A store's own secrets never pass through Helm; this is for images and charts that are careless with what they were given.
package enum LogRedaction {
    package static func redact(_ line: String) -> String {
        line.replacing(assignment) { "\($0.output.1)\($0.output.2)<redacted>" }
            .replacing(userInfo) { "\($0.output.1)<redacted>@" }
            .replacing(bearer) { "\($0.output.1)<redacted>" }
    }

    /// `DB_PASSWORD=…`, `"secret": "…"`, `api_key: …`
    nonisolated(unsafe) private static let assignment =
        /(?i)([\w.-]*(?:password|passwd|secret|token|api[_-]?key|private[_-]?key|salt)[\w.-]*)("?\s*[=:]\s*"?)[^\s",;}]+/
    /// `postgres://user:…@host`
    nonisolated(unsafe) private static let userInfo = /([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^\s:\/@]*:)[^\s@\/]+@/
    nonisolated(unsafe) private static let bearer = /(?i)(bearer\s+)[A-Za-z0-9._~+\/=-]+/
}
