import Configuration
import Foundation
import Program
import Provisioning
import Sealing
import StoreDomain
import StoreWorker
import Testing

@Suite struct BackupSettingsTests {
    private static let key = "a:" + Data(repeating: 7, count: 32).base64EncodedString()
    private static let on = ["VAULT_URL": "http://store-vault.platform.svc:8080", "VAULT_KEYS": key, "CREDENTIALS_KEYS": key]

    private func settings(_ environment: [String: String]) throws -> WorkerSettings {
        let variables = environment.merging(["HELM_PATH": "/bin/sh"]) { $1 }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        return try WorkerSettings(reader: reader, programFolder: "/bin")
    }

    @Test("without a vault no backups are kept") func off() throws {
        let settings = try settings(["CREDENTIALS_KEYS": Self.key])
        #expect(settings.backups == nil && settings.provisioning.keeper == nil)
    }

    @Test("with a vault and keys they are kept, each setting as it is given") func on() throws {
        let plain = try #require(try settings(Self.on).backups)
        #expect(plain.window == .standard && plain.retention == .standard && plain.keeper.image == "storeplatform/store-keeper:1.0.0")
        let more = [
            "BACKUP_WINDOW": "22:00-04:00", "BACKUP_KEEP": "3d large=9d", "KEEPER_IMAGE": "elsewhere.example.com/keeper:2",
            "IMAGE_REGISTRY": "registry.example.com",
            "LIMIT_BACKUP_SECONDS": "60", "GRACE_KEEPER_SECONDS": "9",
        ]
        let set = try #require(try settings(Self.on.merging(more) { $1 }).backups)
        #expect(set.window == BackupWindow("22:00-04:00") && set.retention == PlanRetention("3d large=9d"))
        #expect(set.keeper.image == "elsewhere.example.com/keeper:2")
        let ours = try #require(try settings(Self.on.merging(["IMAGE_REGISTRY": "registry.example.com"]) { $1 }).backups)
        #expect(ours.keeper.image == "registry.example.com/storeplatform/store-keeper:1.0.0")
        #expect(set.keeper.timeLimit == .seconds(60) && set.keeper.startLimit == .seconds(9))
    }

    @Test("a task's token opens its store's repository, with the task's right, for as long as it may take") func token() throws {
        let backups = try #require(try settings(Self.on).backups)
        let store = StoreID.random()
        for (right, meant) in [(KeeperTask.Right.append, VaultToken.Right.append), (.read, .read), (.prune, .prune)] {
            let token = try #require(backups.keeper.token(.repository(.store(store)), right)).value
            let ring = try KeyRing(Self.key, setting: "VAULT_KEYS")
            let read = try #require(VaultToken(verifying: token, by: ring, now: Date() + 3_700))
            #expect(read.folder == .repository(.store(store)) && read.right == meant)
            #expect(VaultToken(verifying: token, by: ring, now: Date() + 8_000) == nil)
        }
        // Without ARCHIVE_KEYS nobody is let in at an archive, and never by the keys to repositories.
        #expect(backups.keeper.token(.archive(.random()), .append) == nil)
    }

    @Test(
        "what cannot work is refused at start, with the setting's name",
        arguments: [
            ("VAULT_URL", "store-vault"), ("VAULT_URL", "http://u:p@vault"), ("VAULT_KEYS", ""), ("VAULT_KEYS", "short:YQ=="),
            ("CREDENTIALS_KEYS", ""), ("KEEPER_IMAGE", "keeper:latest"), ("KEEPER_IMAGE", "keeper"), ("BACKUP_WINDOW", "1-5"),
            ("BACKUP_ESCROW_KEY", "escrow-private:AAAA"), ("BACKUP_KEEP", "0d"), ("BACKUP_KEEP", "weekly"), ("BACKUP_KEEP", "7d huge=3d"),
            ("LIMIT_BACKUP_SECONDS", "5"),
            ("GRACE_KEEPER_SECONDS", "0"),
        ]
    )
    func wrong(_ name: String, _ value: String) throws {
        let error = try #require(throws: SettingError.self) { try settings(Self.on.merging([name: value]) { $1 }) }
        #expect(error.message.contains(name), "\(error.message)")
    }
}
