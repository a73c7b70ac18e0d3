import Foundation
import Program
import Testing

@Suite struct SettingNamesTests {
    @Test("what looks like a setting and is none is warned of, with the one that it is near to")
    func strangers() {
        let environment = [
            "WORKER_SLOTSS": "2", "max_stores": "3", "OIDC_ISSUER_URL": "x", "MAX_STORES": "4", "PATH": "/bin",
            "REDIS_PORT": "tcp://10.0.0.1:6379",
            "HELM_CACHE_HOME": "/x", "HOME": "/root",
        ]
        #expect(
            SettingNames.warnings(environment) == [
                "OIDC_ISSUER_URL is no setting", "WORKER_SLOTSS is no setting; WORKER_SLOTS is one",
                "max_stores is no setting; MAX_STORES is one",
            ]
        )
    }

    @Test("a file that stands for no setting is warned of") func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "names-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["auth-keys", "auth-key", ".hidden"] {
            try "x".write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        #expect(SettingNames.warnings(["SECRETS_DIR": folder.path]) == ["\(folder.path)/auth-key stands for no setting; AUTH_KEYS is one"])
    }

    @Test("the document has every setting, and no other") func document() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/settings.md"), encoding: .utf8)
        var named: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            for match in line.dropFirst(2).prefix(while: { $0 != "|" }).matches(of: /`([A-Z_]+)`/) { named.insert(String(match.1)) }
        }
        named.insert("SECRETS_DIR")
        #expect(named == SettingNames.all)
    }
}
