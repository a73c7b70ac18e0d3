import ArgumentParser
import Foundation
import StoreDomain
import StoreRecords

extension Incident.Level: ExpressibleByArgument {}

/// `storectl incident`.
struct Incidents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "Show an incident to everybody who is signed in, above each view of the page.",
        subcommands: [Show.self, Set.self, End.self],
        defaultSubcommand: Show.self
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the incident that is shown now.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Session.run { session in
                Table.incidents.show(
                    try await session.records.incident().map { [$0] } ?? [],
                    json: output.json,
                    nothing: "No incident is shown."
                )
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an incident, in place of the one before.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "What to say, 1 to 500 characters.") var text: String
        @Option(help: "How it is shown: info or warning.") var level = Incident.Level.warning
        @Option(help: "For how many hours, 1 to 8760; without it, until storectl incident end.") var hours: Int?

        func validate() throws {
            guard Incident.line(text) != nil else { throw ValidationError("The text must have 1 to 500 characters") }
            if let hours, !(1...8_760).contains(hours) { throw ValidationError("--hours must be 1 to 8760") }
        }

        func run() async throws {
            let end = hours.map { Date().addingTimeInterval(Double($0) * 3_600) }
            try await Session.run { session in
                let shown = try await session.records.setIncident(Incident.line(text) ?? text, level: level, until: end, by: order.actor())
                output.say(
                    "Everybody who is signed in sees it\(shown.endsAt.map { " until \(Value($0).plain)" } ?? "").",
                    ("text", .text(shown.text)),
                    ("level", .text(shown.level.rawValue)),
                    ("endsAt", Value(shown.endsAt))
                )
            }
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop showing it.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions

        func run() async throws {
            try await Session.run { session in
                guard try await session.records.endIncident(by: order.actor()) else { throw Refusal("No incident was shown.") }
            }
            output.say("The incident is not shown any more.", ("shown", .flag(false)))
        }
    }
}

extension Table<Incident> {
    fileprivate static var incidents: Self {
        Table(columns: [
            .init("level", "LEVEL") { .text($0.level.rawValue) }, .init("since", "SINCE") { .time($0.since) },
            .init("endsAt", "UNTIL") { Value($0.endsAt) }, .init("text", "TEXT") { .text($0.text) },
        ])
    }
}
