import Configuration
import Program
import StoreRecords
import StoreWorker
import Testing

@Suite struct RetentionSettingsTests {
    private func retention(_ environment: [String: String]) throws -> Retention {
        let variables = environment.merging(["HELM_PATH": "/bin/sh"]) { $1 }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        return try WorkerSettings(reader: reader, programFolder: "/bin").retention
    }

    @Test("nothing set means the defaults; each can be set, and 0 means for ever") func each() throws {
        #expect(try retention([:]) == Retention(jobs: .days(30), history: .days(400), audit: .days(400)))
        let set = try retention(["KEEP_JOBS_DAYS": "1", "KEEP_HISTORY_DAYS": "0", "KEEP_AUDIT_DAYS": "90"])
        #expect(set == Retention(jobs: .days(1), history: nil, audit: .days(90)))
    }

    @Test("the audit is kept for 90 days at least, and the message names the setting", arguments: ["89", "-1", "x", "99999"])
    func audit(value: String) throws {
        let error = try #require(throws: SettingError.self) { try retention(["KEEP_AUDIT_DAYS": value]) }
        #expect(error.message.contains("KEEP_AUDIT_DAYS"))
    }
}
