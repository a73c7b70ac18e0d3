import Foundation
package import Logging
package import NIOSSL
import Program
package import Sealing
package import StoreDomain
package import StoreRecords

/// Sends one notice or letter to one mailbox, by the installation's mail server.
package struct MailSender: Sendable {
    private let server: MailServer
    private let page: String
    private let tls: TLSConfiguration
    private let patience: Duration
    private let logger: Logger

    /// `page`: the address of the dashboard, as receivers reach it. `patience`: how long one attempt may take.
    package init(
        server: MailServer,
        page: String,
        tls: TLSConfiguration = .makeClientConfiguration(),
        patience: Duration = .seconds(40),
        logger: Logger
    ) {
        self.server = server
        self.page = page
        self.tls = tls
        self.patience = patience
        self.logger = logger
    }

    /// `id`, `payload`: the same at each attempt.
    package func send(_ payload: String, id: String, of channel: ChannelID, to mailbox: ChannelSeal.Mailbox) async -> DeliveryResult {
        guard let address = MailAddress(mailbox.address) else { return .failed(code: nil, error: "The address cannot be read") }
        let links = ChannelLinks(page: page, channel: channel, token: mailbox.token)
        guard let letter = NoticeLetter(payload, to: links) else { return .failed(code: nil, error: "The notice cannot be read") }
        let message = MailMessage(
            id: "\(id).\(channel)",
            to: address,
            subject: letter.subject,
            text: letter.text,
            stopURL: links.stop,
            date: Date()
        )
        return await send(message)
    }

    /// `id`: the same at each attempt. `nil`: it has no address that can be.
    package func send(_ letter: ChannelSeal.Letter, id: String) async -> DeliveryResult? {
        guard let address = MailAddress(letter.to) else { return nil }
        return await send(MailMessage(id: id, to: address, subject: letter.subject, text: letter.text, date: Date()))
    }

    private func send(_ message: MailMessage) async -> DeliveryResult {
        let (text, address) = (message.encoded(from: server.from, called: "Store Weaver"), message.to)
        let late = DeliveryResult.failed(code: nil, error: "The mail server did not answer within \(patience.components.seconds) seconds")
        return await .of(within: patience, late: late) { await attempt(text, to: address) }
    }

    private func attempt(_ message: String, to address: MailAddress) async -> DeliveryResult {
        do {
            try await SMTPConversation.deliver(message, to: address, by: server, tls: tls)
            return .delivered(code: 250)
        } catch SMTPFailure.refused(let reply, let after) where after.hasPrefix("RCPT") && reply.isNoMailbox {
            return .failed(code: reply.code, error: "The mail server refuses the address: \(reply.text)".plain(atMost: 500))
        } catch {
            // What is wrong with the server is its operators' to know.
            logger.warning("The mail server did not take a message", metadata: ["server": "\(server)", "error": "\(error)"])
            return .failed(code: nil, error: "The mail server did not take it")
        }
    }
}
