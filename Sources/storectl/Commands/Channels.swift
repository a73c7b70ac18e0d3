import ArgumentParser
import Sealing
import StoreDomain
import StoreRecords

/// Where people are told what happens to stores.
struct Channels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show where owners and operators are told what happens to stores, and resume what was paused.",
        discussion: "A channel's whole address and its secret are shown nowhere.",
        subcommands: [List.self, Deliveries.self, Resume.self, Rekey.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every channel, the installation's first.")
        @OptionGroup var output: OutputOptions
        @Option(help: "Only this owner's.") var owner: UserID?

        func run() async throws {
            try await Session.run { session in
                let channels =
                    if let owner { try await session.records.channels(of: .user(owner)) } else { try await session.records.channels() }
                Table.channels.show(channels, json: output.json, nothing: "There are no channels.")
            }
        }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest deliveries to a channel, and how each went.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The channel.") var channel: ChannelID
        @Option(help: "At most so many.") var limit = 50

        func validate() throws {
            guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000") }
        }

        func run() async throws {
            try await Session.run { session in
                let deliveries = try await session.records.deliveries(to: channel, limit: limit)
                Table.deliveries.show(deliveries, json: output.json, nothing: "There are no deliveries.")
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send to a paused channel again, as if nothing had failed.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The channel.") var channel: ChannelID

        func run() async throws {
            let actor = try order.actor()
            try await Session.run { session in
                guard let resumed = try await session.records.resumeChannel(channel, by: actor) else {
                    throw Refusal("There is no channel \(channel).")
                }
                output.say("Channel \(resumed.id) is \(resumed.state.rawValue).", ("channel", .text(resumed.id.rawValue)))
            }
        }
    }
}

extension Channels {
    struct Rekey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal every channel anew with the first of CHANNEL_KEYS.",
            discussion: """
                Put the new key first in CHANNEL_KEYS of the API, the couriers and here, the old one after it; run this; then drop the old \
                one. It can be run again at any time.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions

        func run() async throws {
            let actor = try order.actor()
            try await Session.run { session in
                guard let seal = try session.settings.channelSeal() else { throw Refusal("CHANNEL_KEYS is not set.") }
                try await session.records.audit(actor, "channels.rekey", detail: "to key \(seal.currentKey)")
                var changed = 0
                var failed: [String] = []
                var last: ChannelID?
                while true {
                    let found = try await session.records.sealedChannels(notBy: seal.currentKey, after: last, limit: 100)
                    for (channel, sealed) in found {
                        last = channel
                        do {
                            let renewed = try seal.seal(seal.open(sealed, of: channel), of: channel)
                            if try await session.records.replaceChannel(channel, sealed, by: renewed) { changed += 1 }
                        } catch let failure as ChannelSeal.Failure {
                            failed.append("\(channel): \(failure)")
                        }
                    }
                    if found.isEmpty { break }
                }
                output.say(
                    "\(changed) are sealed with key \(seal.currentKey) now, \(failed.count) could not be opened.",
                    ("changed", .number(changed)),
                    ("failed", .list(failed.map(Value.text)))
                )
                if !failed.isEmpty { throw Outcome.findings }
            }
        }
    }
}

extension Table<Channel> {
    fileprivate static var channels: Self {
        Table(columns: [
            .init("id", "CHANNEL") { .text($0.id.rawValue) }, .init("owner", "OWNER") { Value($0.owner?.rawValue) },
            .init("type", "TYPE") { .text($0.kind.rawValue) },
            .init("shown", "WHERE") { .text($0.shown) }, .init("events") { .list($0.events.map { .text($0.rawValue) }) },
            .init("state", "STATE") { .text($0.state.rawValue) }, .init("failingSince", "FAILING SINCE") { Value($0.failingSince) },
            .init("createdAt") { .time($0.createdAt) }, .init("pausedReason", "WHY PAUSED") { Value($0.pausedReason) },
        ])
    }
}

extension Table<Delivery> {
    fileprivate static var deliveries: Self {
        Table(columns: [
            .init("id", "NOTICE") { .text($0.id) }, .init("event", "EVENT") { .text($0.kind.rawValue) },
            .init("store", "STORE") { Value($0.store?.rawValue) }, .init("status", "STATUS") { .text($0.status.rawValue) },
            .init("attempts", "ATTEMPTS") { .number($0.attempt) }, .init("code", "CODE") { Value($0.code) },
            .init("createdAt", "CREATED") { .time($0.createdAt) }, .init("nextAt", "NEXT") { Value($0.nextAt) },
            .init("finishedAt") { Value($0.finishedAt) }, .init("error", "ERROR") { Value($0.error) },
        ])
    }
}
