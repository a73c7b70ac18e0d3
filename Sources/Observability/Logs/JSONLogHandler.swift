package import Configuration
import Foundation
package import Logging
package import Program

/// One line of JSON for each message, on standard error.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String

    package init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line: [(String, String)] = [
            ("time", Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))),
            ("level", event.level.rawValue), ("logger", label), ("message", event.message.description),
        ]
        // One id leads from a request to Helm's run, over all programs' logs.
        if let context = TraceContext.current { line += [("trace", context.trace), ("span", context.span)] }
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            line.append((key, "\(value)"))
        }
        let text = "{" + line.map { $0.jsonQuoted + ":" + $1.jsonQuoted }.joined(separator: ",") + "}\n"
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Throws `SettingError` for a LOG_LEVEL that is none; it was taken for `info` until then.
package func checkLogLevel(_ reader: ConfigReader) throws(SettingError) {
    let levels = Logger.Level.allCases.map(\.rawValue)
    _ = try reader.value("log.level", "one of " + levels.joined(separator: ", ")) { levels.contains($0.lowercased()) ? $0 : nil }
}

/// Binds JSON logging for the process. Call it once, first. `level`: LOG_LEVEL's value; what is no level counts as `info`.
package func bootstrapLogging(level: String?) {
    let level = level.flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
    LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
}
