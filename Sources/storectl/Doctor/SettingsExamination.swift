import Configuration
import Foundation
import Logging
import Observability
import Program
import StoreAPI

/// What stands in the environment and in the folder of secrets: names that nobody reads, and whether an API would start with it.
struct SettingsExamination {
    let settings: ConfigReader

    func findings() -> [Finding] { [names(), common(), api()] }

    private func names() -> Finding {
        let warnings = SettingNames.warnings()
        if warnings.isEmpty { return .fine("setting-names", "all that look like settings are some") }
        return .warning("setting-names", warnings.joined(separator: "; "), remedy: "docs/settings.md has every setting.")
    }

    /// What every program reads beside its own.
    private func common() -> Finding {
        do {
            try checkLogLevel(settings)
            _ = try OperatorPort(reader: settings, registry: PrometheusRegistry())
            _ = try OTLPExporter(reader: settings, service: "storectl", logger: Logger(label: "storectl") { _ in SwiftLogNoOpLogHandler() })
            return .fine("common-settings", "a program would take them")
        } catch {
            return .error("common-settings", "\(error)", remedy: "docs/settings.md has every setting with its range.")
        }
    }

    /// With a worker's settings alone there is nothing to say of an API.
    private func api() -> Finding {
        let told = (try? ConfigReader.programSettings()) ?? [:]
        guard !SettingNames.ofAPI.isDisjoint(with: told.keys) else { return .fine("api-settings", "none of the API's is set here") }
        do {
            _ = try APISettings(reader: settings)
            return .fine("api-settings", "an API would take them")
        } catch {
            return .error("api-settings", "\(error)", remedy: "docs/settings.md has every setting with its range.")
        }
    }
}
