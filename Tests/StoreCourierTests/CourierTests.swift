import Configuration
import Foundation
import Logging
import Postgres
import Program
import Sealing
import StoreCourier
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// The courier over a real PostgreSQL, with receivers on this machine.
@Suite struct CourierTests {
    private struct Loopback: HostResolver {
        func addresses(of host: String) async -> [NetworkAddress] { [NetworkAddress("127.0.0.1")!] }
    }

    private let seal: ChannelSeal

    init() throws {
        seal = ChannelSeal(ring: try KeyRing("k1:" + Data(repeating: 7, count: 32).base64EncodedString(), setting: "CHANNEL_KEYS"))
    }

    private func courier(_ records: StoreRecords) throws -> Courier {
        let policy = OutboundPolicy(allowsPlainHTTP: true, allowed: [try #require(AddressRange("127.0.0.0/8"))])
        let sender = WebhookSender(check: OutboundCheck(policy: policy, resolver: Loopback()))
        return Courier(
            records: records,
            seal: seal,
            webhooks: sender,
            mail: nil,
            interval: .milliseconds(20),
            logger: Logger(label: "tests")
        )
    }

    private func channel(_ records: StoreRecords, _ owner: String, port: Int, sealedFor other: ChannelID? = nil) async throws -> Channel {
        let id = ChannelID.random()
        let sealed = try seal.seal(.webhook(.init(url: "http://hooks.test:\(port)/", secret: .random())), of: other ?? id)
        let target = ChannelTarget(.webhook, shown: "http://hooks.test:\(port)", sealed: sealed)
        let actor = Operator(name: "tests", source: .api)
        let owner = ChannelOwner.user(try #require(UserID(owner)))
        let outcome = try await records.createChannel(id, of: owner, to: target, events: NoticeKind.events, by: actor)
        guard case .accepted(let channel) = outcome else { throw TestSupportError(message: "no channel: \(outcome)") }
        return channel
    }

    /// Runs couriers until one delivery waits.
    private func work(_ couriers: [Courier], _ pool: PostgresPool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for courier in couriers { group.addTask { try await courier.run() } }
            while try await !pool.query("SELECT 1 FROM deliveries WHERE status = 'waiting' OFFSET 1").isEmpty {
                try await Task.sleep(for: .milliseconds(20))
            }
            group.cancelAll()
        }
    }

    @Test("two couriers send each delivery once, and a receiver that never answers keeps nobody else waiting") func couriers() async throws
    {
        try await withRecords { (records, pool) async throws in
            try await Receiver.run { receiver in
                try await Receiver.run(answer: "") { silent in
                    for number in 0..<20 {
                        let channel = try await channel(records, "user-\(number)", port: number == 0 ? silent.port : receiver.port)
                        _ = try await records.testChannel(channel.id)
                    }
                    let couriers = [try courier(records), try courier(records)]
                    try await work(couriers, pool)
                    let ids = receiver.received.compactMap { $0.header("webhook-id") }
                    #expect(ids.count == 19 && Set(ids).count == 19)
                    #expect(silent.connected <= 1)
                }
            }
        }
    }

    @Test("what fails is tried again and says why; a channel that cannot be opened is one of these") func failures() async throws {
        try await withRecords { (records, pool) async throws in
            try await Receiver.run(answer: "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n") { receiver in
                let refusing = try await channel(records, "ada", port: receiver.port)
                let moved = try await channel(records, "ada", port: receiver.port, sealedFor: .random())
                for channel in [refusing, moved] { _ = try await records.testChannel(channel.id) }
                let courier = try courier(records)
                for delivery in try await records.takeDeliveries(limit: 9) { await courier.deliver(delivery) }
                #expect(try await records.deliveries(to: refusing.id).map(\.code) == [503])
                #expect(try await records.deliveries(to: moved.id).first?.error?.contains("could not be opened") == true)
                #expect(receiver.connected == 1, "a row that was copied to another channel opens nothing")
            }
        }
    }

    @Test("it needs keys, and names the setting that is wrong")
    func settings() throws {
        func settings(_ variables: [String: String]) throws -> CourierSettings {
            try CourierSettings(reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
        }
        let keys = "k1:" + Data(repeating: 1, count: 32).base64EncodedString()
        #expect(throws: SettingError.self) { try settings([:]) }
        _ = try settings(["CHANNEL_KEYS": keys, "WEBHOOK_REFUSED_NETWORKS": "10.0.0.0/8, fd00::/8", "WEBHOOK_HTTP": "true"])
        for (name, value) in [("WEBHOOK_REFUSED_NETWORKS", "10.0.0.0/40"), ("WEBHOOK_ALLOWED_NETWORKS", "lan"), ("WEBHOOK_HTTP", "yes")] {
            #expect { try settings(["CHANNEL_KEYS": keys, name: value]) } throws: { "\($0)".contains(name) }
        }
    }
}
