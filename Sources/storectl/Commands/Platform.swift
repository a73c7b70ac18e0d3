import ArgumentParser
import Configuration
import Foundation
import Program
import Provisioning
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker

/// The platform's own database in the vault: what a task needs that saves it, loads it, or removes old backups of it.
struct Platform: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up the platform's own database.",
        subcommands: [Keys.self]
    )

    struct Keys: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the files that let one task of the keeper at the database and at the vault.",
            discussion: """
                The containers of the task have neither VAULT_KEYS nor DATABASE_URL. It reads those, VAULT_URL and PLATFORM_BACKUP_PASSWORD, and \
                connects to nothing.
                """
        )

        enum Task: String, ExpressibleByArgument, CaseIterable {
            case backup, restore, prune

            var right: VaultToken.Right {
                switch self {
                case .backup: .append
                case .restore: .read
                case .prune: .prune
                }
            }
        }

        @Argument(help: "What the task does.") var task: Task
        @Option(help: "The folder for `repository` and `password`.", completion: .directory) var keeper: String
        @Option(help: "The folder for `service`, with the database's address.", completion: .directory) var database: String?
        @Option(help: "For how many seconds the vault lets the task in.") var seconds = 7_200

        func validate() throws {
            guard (60...86_400).contains(seconds) else { throw ValidationError("--seconds must be 60 to 86400") }
        }

        func run() throws {
            let reader = try ConfigReader.program()
            func secret(_ key: ConfigKey, _ name: String) throws -> String {
                guard let text = reader.text(key, isSecret: true) else { throw SettingError(message: "\(name) is not set") }
                return text
            }
            guard let vault = try reader.value("vault.url", VaultAddress.form, VaultAddress.init) else {
                throw SettingError(message: "VAULT_URL is not set")
            }
            let ring = try KeyRing(try secret("vault.keys", "VAULT_KEYS"), setting: "VAULT_KEYS")
            let token = VaultToken(.repository(.platform), right: task.right, expiresAt: Date() + Double(seconds))
            let address = vault.address(of: .repository(.platform), token: SecretText(value: token.signed(by: ring)))
            try Self.write(address.value, to: keeper, "repository")
            try Self.write(try secret("platform.backup.password", BackupSettings.platformPassword), to: keeper, "password")
            guard let database else { return }
            try Self.write(try StoreRecords.serviceFile("platform", url: reader.databaseURL), to: database, "service")
        }

        /// The task's containers have other users, and the same group.
        private static func write(_ text: String, to folder: String, _ name: String) throws {
            let path = URL(filePath: folder, directoryHint: .isDirectory).appending(path: name).path
            guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o640]) else {
                throw Refusal("\(path) cannot be written.")
            }
        }
    }
}
