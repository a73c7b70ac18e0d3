import ArgumentParser
import Configuration
import Foundation
import StoreWorker

/// Looks at everything that the installation stands on.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check database, Redis, cluster, Helm, charts, clocks, workers and backups; say how to repair what is wrong.",
        discussion: """
            Run it with a worker's settings, best in a worker's container: the cluster's rights that it checks are those of whoever runs it.
            It ends with 3 when there is an error, or with --strict also a warning. It changes nothing.
            """
    )
    @OptionGroup var output: OutputOptions
    @Flag(help: "Count warnings as errors.") var strict = false

    func run() async throws {
        var findings: [Finding] = []
        try await Session.run { session in
            let database = await DatabaseExamination(records: session.records).findings()
            let redis = await RedisExamination(queue: session.queue).findings()
            findings = database.findings + redis
            findings += await WorkExamination(records: session.records, hasDatabase: database.isUsable).findings()
            findings += await BackupExamination(records: session.records, settings: session.settings, hasDatabase: database.isUsable)
                .findings()
            findings += SettingsExamination(settings: session.settings).findings()
            findings += await ClusterExamination(settings: session.settings).findings()
        }
        if output.json {
            Table.findings.show(findings, json: true, nothing: "")
        } else {
            print(Table.findings.text(findings))
            for finding in findings {
                if let remedy = finding.remedy { print("\n\(finding.check): \(remedy)") }
            }
        }
        if findings.contains(where: { $0.grade == .error || (strict && $0.grade == .warning) }) { throw Outcome.findings }
    }
}
