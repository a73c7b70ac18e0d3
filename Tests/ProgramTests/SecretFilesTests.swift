import Configuration
import Foundation
import Program
import Testing

@Suite struct SecretFilesTests {
    /// A folder as the kubelet makes it: links to files in a hidden folder.
    private func withSecrets(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        let hidden = folder.appending(path: "..data")
        try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try text.write(to: hidden.appending(path: name), atomically: true, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: name).path,
                withDestinationPath: "..data/" + name
            )
        }
        try body(folder.path)
    }

    @Test("files stand for variables, without the newline that editors add, and a variable wins") func files() throws {
        try withSecrets(["database-url": "postgresql://file\n", "ADMIN_TOKEN": "token", "redis-url": "redis://file"]) { folder in
            let reader = try ConfigReader.program(environment: ["SECRETS_DIR": folder, "REDIS_URL": "redis://variable"])
            #expect(reader.string(forKey: "database.url") == "postgresql://file")
            #expect(reader.string(forKey: "admin.token") == "token")
            #expect(reader.string(forKey: "redis.url") == "redis://variable")
        }
    }

    @Test("without a folder the environment is all there is", arguments: [nil, ""]) func none(folder: String?) throws {
        var environment = ["REDIS_URL": "redis://variable"]
        environment["SECRETS_DIR"] = folder
        #expect(try ConfigReader.program(environment: environment).string(forKey: "redis.url") == "redis://variable")
    }

    @Test("a folder among the files, a file that is no text, and two for one setting are refused by their paths") func odd() throws {
        try withSecrets(["database-url": "postgresql://file"]) { folder in
            func problem() -> String {
                do {
                    _ = try ConfigReader.program(environment: ["SECRETS_DIR": folder])
                    return ""
                } catch { return "\(error)" }
            }
            let files = FileManager.default
            try files.createDirectory(atPath: folder + "/admin-token", withIntermediateDirectories: false)
            #expect(problem().hasPrefix("SECRETS_DIR must") && problem().contains("/admin-token is a folder"))
            try files.removeItem(atPath: folder + "/admin-token")
            for bytes in [[0xff, 0xfe], [0x61, 0x00, 0x62]] as [[UInt8]] {
                _ = files.createFile(atPath: folder + "/admin-token", contents: Data(bytes))
                #expect(problem().contains("/admin-token is none"))
            }
            try files.removeItem(atPath: folder + "/admin-token")
            _ = files.createFile(atPath: folder + "/DATABASE_URL", contents: Data("x".utf8))
            #expect(problem().contains("two files for DATABASE_URL"))
        }
    }

    @Test("a variable whose bytes were no text is refused, one that is nobody's is not looked at") func environmentBytes() throws {
        #expect { try ConfigReader.program(environment: ["ADMIN_TOKEN": "a\u{fffd}b"]) } throws: { "\($0)" == "ADMIN_TOKEN is not UTF-8" }
        _ = try ConfigReader.program(environment: ["PS1": "a\u{fffd}b"])
    }

    @Test("a folder that is not there is refused by the setting's name") func missing() {
        #expect { try ConfigReader.program(environment: ["SECRETS_DIR": "/nowhere/at/all"]) } throws: {
            "\($0)".hasPrefix("SECRETS_DIR must")
        }
    }
}
