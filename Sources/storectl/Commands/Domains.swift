import ArgumentParser
import JobDispatch
import StoreDomain
import StoreRecords

/// Domains that owners brought along, whoever owns the stores.
struct Domains: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, check and remove domains that owners brought along for their stores.",
        subcommands: [List.self, Check.self, Remove.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a store's domains, in the order in which they were added.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                guard let found = try await session.records.domains(of: store, visibleTo: nil) else {
                    throw Refusal("There is no store \(store).")
                }
                Table.domains.show(found.domains, json: output.json, nothing: "The store has no domains of its own.")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Have a worker look at a domain now, before it is due.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "The domain, e.g. www.example.com.") var host: DomainName

        func run() async throws {
            try await Session.run { session in
                try await session.records.audit(order.actor(), "domain.check", target: store.rawValue, detail: host.rawValue)
                guard let domain = try await session.records.checkDomainNow(host, of: store) else {
                    throw Refusal("Store \(store) has no domain \(host).")
                }
                output.say(
                    "A worker looks at \(host) within seconds; it is \(domain.state.rawValue) until then.",
                    ("store", .text(store.rawValue)),
                    ("host", .text(host.rawValue)),
                    ("state", .text(domain.state.rawValue))
                )
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a domain away from a store, which is served there no more.",
            discussion: "The store's address cannot be removed: its owner chooses another one first."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "The domain, e.g. www.example.com.") var host: DomainName

        func run() async throws {
            try await Session.run { session in
                switch try await session.operations.removeDomain(host, of: store, by: order.actor()) {
                case .accepted(_, let descriptor):
                    output.say(
                        "Store \(store) has the domain \(host) no more\(descriptor.map { ", by job \($0.id)" } ?? "").",
                        ("store", .text(store.rawValue)),
                        ("host", .text(host.rawValue)),
                        ("job", descriptor.map { .number(Int($0.id.rawValue)) } ?? .missing)
                    )
                case .primary: throw Refusal("\(host) is the store's address.")
                case .noDomain: throw Refusal("Store \(store) has no domain \(host).")
                case .notReady(let found): throw Refusal("\(found.changeRefusal).")
                case .unchanged, .notActive, .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }
}

extension DomainName: ExpressibleByArgument {
    package init?(argument: String) { try? self.init(argument) }
}

extension Table<OwnDomain> {
    static var domains: Self {
        Table(columns: [
            .init("host", "DOMAIN") { .text($0.host.rawValue) }, .init("state", "STATE") { .text($0.state.rawValue) },
            .init("primary", "PRIMARY") { .flag($0.isPrimary) }, .init("record") { .text($0.recordName) },
            .init("proof") { .text($0.token.proof) }, .init("checkedAt", "CHECKED") { Value($0.checkedAt) },
            .init("nextCheckAt") { .time($0.checkAt) }, .init("takesOverAt") { Value($0.takesOverAt) },
            .init("failingSince") { Value($0.failingSince) }, .init("certificateUntil", "CERTIFICATE UNTIL") { Value($0.certificateUntil) },
            .init("createdAt") { .time($0.createdAt) }, .init("error", "ERROR") { Value($0.error) },
        ])
    }
}
