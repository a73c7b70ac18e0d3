package import Configuration
import Foundation
import StoreDomain

extension ConfigReader {
    /// `DATABASE_URL`, with its password.
    package var databaseURL: String { text("database.url", isSecret: true) ?? PlatformDefaults.databaseURL }
    /// `REDIS_URL`, with its password.
    package var redisURL: String { text("redis.url", isSecret: true) ?? PlatformDefaults.redisURL }

    /// What a program is told: by its environment, and by the files in the folder that `SECRETS_DIR` names, if any.
    ///
    /// The file `database-url` (or `DATABASE_URL`) stands for the variable `DATABASE_URL`, without white space at its ends; where both
    /// are, the variable counts. So Kubernetes' Secrets need not be in any environment. Hidden files are left out: Kubernetes puts
    /// its own there. Throws `SettingError` when the folder or a file in it cannot be read, and for a setting that is not UTF-8.
    package static func program(environment: [String: String] = ProcessInfo.processInfo.environment) throws(SettingError) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: try programSettings(environment)))
    }

    /// The same as variables.
    package static func programSettings(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SettingError) -> [String: String] {
        // What was no UTF-8 the system's decoder has put U+FFFD for.
        if let name = environment.filter({ SettingNames.isKnown($0.key) && $0.value.hasReplacement }).keys.min() {
            throw SettingError(message: "\(name) is not UTF-8")
        }
        guard let folder = environment["SECRETS_DIR"], !folder.isEmpty else { return environment }
        return environment.merging(try secrets(in: folder)) { told, _ in told }
    }

    /// The files' texts by the variables that they stand for.
    static func secrets(in folder: String) throws(SettingError) -> [String: String] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw SettingError(
                message: "SECRETS_DIR must name a folder of text files; \(folder) cannot be read: \(error.localizedDescription)"
            )
        }
        var secrets: [String: String] = [:]
        for file in names.sorted() where !file.hasPrefix(".") {
            let variable = SettingNames.variable(of: file)
            guard secrets.updateValue(try secret(folder + "/" + file), forKey: variable) == nil else {
                throw SettingError(message: "SECRETS_DIR has two files for \(variable) in \(folder)")
            }
        }
        return secrets
    }

    private static func secret(_ path: String) throws(SettingError) -> String {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue else { throw SettingError(message: "SECRETS_DIR must have files alone; \(path) is a folder") }
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw SettingError(message: "SECRETS_DIR must have files that can be read; \(path) cannot: \(error.localizedDescription)")
        }
        guard data.count <= 1 << 20, let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0) else {
            throw SettingError(message: "SECRETS_DIR must have files of UTF-8 text; \(path) is none")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
