package import Configuration
import Foundation

extension ConfigReader {
    /// What a program is told: by its environment, and by the files in the folder that `SECRETS_DIR` names, if any.
    ///
    /// The file `database-url` (or `DATABASE_URL`) stands for the variable `DATABASE_URL`, without white space at its ends; where both
    /// are, the variable counts. So Kubernetes' Secrets need not be in any environment. Hidden files are left out: Kubernetes puts
    /// its own there. Throws `SettingError` when the folder or a file in it cannot be read.
    package static func program(environment: [String: String] = ProcessInfo.processInfo.environment) throws(SettingError) -> ConfigReader {
        var variables = environment
        if let folder = environment["SECRETS_DIR"], !folder.isEmpty {
            variables.merge(try secrets(in: folder)) { told, _ in told }
        }
        return ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    private static func secrets(in folder: String) throws(SettingError) -> [String: String] {
        var secrets: [String: String] = [:]
        do {
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) where !file.hasPrefix(".") {
                let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
                let name = file.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
                secrets[String(name)] = text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
        } catch {
            throw SettingError(
                message: "SECRETS_DIR must name a folder of text files; \(folder) cannot be read: \(error.localizedDescription)"
            )
        }
        return secrets
    }
}
