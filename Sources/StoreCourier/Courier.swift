import CoreMetrics
package import Logging
package import Sealing
import ServiceLifecycle
package import StoreRecords
import Synchronization

/// Tells what is due and sends deliveries, some at a time, until the program is to end; what is being sent then is brought to its end. Run any number.
package struct Courier: Service {
    private let records: StoreRecords
    private let seal: ChannelSeal
    private let webhooks: WebhookSender
    private let mail: MailSender?
    private let slots: Int
    private let interval: Duration
    private let logger: Logger

    /// `mail`: `nil` where there is no mail server. `interval`: how long it waits where nothing is due.
    package init(
        records: StoreRecords,
        seal: ChannelSeal,
        webhooks: WebhookSender,
        mail: MailSender?,
        slots: Int = 32,
        interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.records = records
        self.seal = seal
        self.webhooks = webhooks
        self.mail = mail
        self.slots = slots
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            let busy = Busy()
            var isAway = false
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                var taken: [TakenDelivery] = []
                var letters: [TakenLetter] = []
                do {
                    while try await records.tellNotices(limit: 100) == 100 {}
                    let free = slots - busy.count
                    if free > 0 { taken = try await records.takeDeliveries(limit: free) }
                    if free > taken.count, mail != nil { letters = try await records.takeLetters(limit: free - taken.count) }
                    if isAway { logger.notice("PostgreSQL answers again") }
                    isAway = false
                } catch {
                    if !isAway { logger.warning("Nothing can be told", metadata: ["error": "\(error)"]) }
                    isAway = true
                }
                for delivery in taken {
                    busy.add(1)
                    group.addTask {
                        await deliver(delivery)
                        busy.add(-1)
                    }
                }
                for letter in letters {
                    busy.add(1)
                    group.addTask {
                        await deliver(letter)
                        busy.add(-1)
                    }
                }
                if taken.isEmpty, letters.isEmpty { await cancelWhenGracefulShutdown { try? await Task.sleep(for: interval) } }
            }
        }
    }

    /// One attempt, and what became of it. What cannot be written down is found again in a minute.
    package func deliver(_ delivery: TakenDelivery) async {
        let result: DeliveryResult
        do {
            result = await send(delivery, to: try seal.open(delivery.sealed, of: delivery.channel))
        } catch {
            logger.error("A channel could not be opened", metadata: ["channel": "\(delivery.channel)", "error": "\(error)"])
            result = .failed(code: nil, error: "The channel could not be opened: tell those who run Store Weaver")
        }
        do {
            let outcome = try await records.settle(delivery, as: result)
            Counter(label: "storeweaver_deliveries_total", dimensions: [("outcome", outcome.rawValue)]).increment()
            logger.info(
                "A delivery was tried",
                metadata: [
                    "channel": "\(delivery.channel)", "notice": "\(delivery.id)", "attempt": "\(delivery.attempt)", "outcome": "\(outcome)",
                ]
            )
        } catch {
            logger.warning("How a delivery went could not be written down", metadata: ["notice": "\(delivery.id)", "error": "\(error)"])
        }
    }

    /// The same of a letter. One that the server refuses for good, or that cannot be opened, is over.
    package func deliver(_ letter: TakenLetter) async {
        guard let mail else { return }
        var result: DeliveryResult?
        do {
            result = await mail.send(try seal.open(letter.sealed, ofLetter: letter.id), id: letter.id)
        } catch {
            logger.error("A letter could not be opened", metadata: ["letter": "\(letter.id)", "error": "\(error)"])
        }
        let outcome: DeliveryOutcome =
            switch result {
            case .delivered: .delivered
            // Without the server's word that there is no such mailbox it may come through later.
            case .failed(code: nil, error: _): .retried
            case .failed, nil: .failed
            }
        do {
            try await records.settle(letter, isOver: outcome != .retried)
            Counter(label: "storeweaver_deliveries_total", dimensions: [("outcome", outcome.rawValue)]).increment()
            logger.info(
                "A letter was tried",
                metadata: ["letter": "\(letter.id)", "attempt": "\(letter.attempt)", "outcome": "\(outcome)"]
            )
        } catch {
            logger.warning("How a letter went could not be written down", metadata: ["letter": "\(letter.id)", "error": "\(error)"])
        }
    }

    private func send(_ delivery: TakenDelivery, to target: ChannelSeal.Target) async -> DeliveryResult {
        switch target {
        case .webhook(let webhook): return await webhooks.send(delivery.payload, id: delivery.id, to: webhook)
        case .email(let mailbox):
            guard let mail else { return .failed(code: nil, error: "No mail is sent here: tell those who run Store Weaver") }
            return await mail.send(delivery.payload, id: delivery.id, of: delivery.channel, to: mailbox)
        }
    }

    /// How many are being sent.
    private final class Busy: Sendable {
        private let number = Mutex(0)

        var count: Int { number.withLock { $0 } }

        func add(_ more: Int) { number.withLock { $0 += more } }
    }
}
