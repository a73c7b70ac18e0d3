import Foundation
import Logging
import NIOCore
import NIOSSL
import Sealing
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@testable import StoreCourier

/// What is sent by e-mail, and how a mail server is spoken to.
@Suite struct MailTests {
    private static let payload = """
        {"type": "store.failed", "timestamp": "2026-11-27T12:00:00.000Z", "data": {"store": {"id": "a1b2c3d4e5f6", "name": "Tea\\r\\nBcc: eve@example.com",
         "slug": "tea", "url": "http://tea.localhost"}, "message": "It did not start."}}
        """
    private let mailbox: ChannelSeal.Mailbox
    private let channel: ChannelID

    init() throws {
        mailbox = ChannelSeal.Mailbox(address: try #require(MailAddress("ada@example.com")))
        channel = try #require(ChannelID("0123456789ab"))
    }

    private func send(
        to server: MailServerDouble,
        _ security: MailServer.Security = .none,
        account: MailServer.Account? = nil,
        tls: TLSConfiguration = .makeClientConfiguration(),
        host: String = "127.0.0.1",
        patience: Duration = .seconds(30)
    ) async -> DeliveryResult {
        let settings = MailServer(host: host, port: server.port, security: security, from: "weaver@example.org", account: account)
        let sender = MailSender(
            server: settings,
            page: "https://weaver.example",
            tls: tls,
            patience: patience,
            logger: Logger(label: "tests")
        )
        return await sender.send(Self.payload, id: "0b8e7c1c", of: channel, to: mailbox)
    }

    /// The message's header and its text, as the server got them.
    private func message(_ server: MailServerDouble) throws -> (header: [String], text: String) {
        let lines = server.heard
        let start = try #require(lines.firstIndex(of: "DATA")) + 1
        let end = try #require(lines.lastIndex(of: "."))
        let blank = try #require(lines[start..<end].firstIndex(of: ""))
        let body = try #require(Data(base64Encoded: lines[(blank + 1)..<end].joined()))
        return (Array(lines[start..<blank]), String(decoding: body, as: UTF8.self))
    }

    @Test("a message has one header, whatever a store is called, and says what happened and how to end it") func content() async throws {
        try await MailServerDouble.run { server in
            #expect(await send(to: server) == .delivered(code: 250))
            let (header, text) = try message(server)
            #expect(header.allSatisfy { $0.utf8.count <= 78 * 2 && $0.utf8.allSatisfy { $0 < 0x7f } })
            let names = header.filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != ":" }) }
            #expect(Set(names).count == names.count && !names.contains("Bcc"))
            #expect(header.contains("Message-ID: <0b8e7c1c.0123456789ab@example.org>"))
            #expect(header.contains("List-Unsubscribe: <https://weaver.example/#mail=stop.0123456789ab.\(mailbox.token)>"))
            for part in [
                "It did not start.", "https://weaver.example/stores/tea", "http://tea.localhost",
                "#mail=stop.0123456789ab.\(mailbox.token)",
            ] {
                #expect(text.contains(part))
            }
            #expect(server.heard.contains("RCPT TO:<ada@example.com>") && server.heard.contains("MAIL FROM:<weaver@example.org>"))
        }
    }

    @Test("every kind of notice has words of its own and how to end it, and the question alone how to confirm") func kinds() throws {
        let links = ChannelLinks(page: "https://weaver.example", channel: channel, token: mailbox.token)
        var subjects: Set<String> = []
        for kind in NoticeKind.allCases {
            let data =
                #""store": {"id": "a1b2c3d4e5f6", "name": "Tea", "slug": "tea"}, "rollout": {"id": "7", "engine": "medusa", "to": "1.3.0"}"#
            let letter = try #require(NoticeLetter(#"{"type": "\#(kind.rawValue)", "data": {\#(data)}}"#, to: links))
            subjects.insert(letter.subject)
            #expect(letter.text.contains("https://weaver.example/operator?tab=rollouts\n"))
            #expect(
                letter.text.contains(links.confirm) == (kind == .channelConfirm) && letter.text.contains(links.stop)
            )
        }
        #expect(subjects.count == NoticeKind.allCases.count)
        #expect(NoticeLetter("{}", to: links) == nil && NoticeLetter(#"{"type": "store.sold", "data": {}}"#, to: links) == nil)
    }

    @Test("a long subject is cut into words of whole characters, and nothing of it ends a line") func words() throws {
        let text = String(repeating: "Über 🍵 tea\r\n", count: 20)
        let encoded = MailMessage.words(text)
        let words = encoded.components(separatedBy: "\r\n ")
        #expect(words.count > 1 && words.allSatisfy { $0.hasPrefix("=?UTF-8?B?") && $0.hasSuffix("?=") && $0.utf8.count <= 75 })
        let decoded = words.map { String(decoding: Data(base64Encoded: String($0.dropFirst(10).dropLast(2))) ?? Data(), as: UTF8.self) }
            .joined()
        #expect(!decoded.contains("\u{fffd}") && !decoded.contains("\n") && decoded.hasPrefix("Über 🍵 tea"))
    }

    @Test(
        "an address that the server refuses is final; whatever else it refuses is not the owner's to know",
        arguments: [
            ("RCPT", "550 No such user", 550), ("RCPT", "550 5.1.1 No such user", 550),
            ("RCPT", "550 5.7.1 Not for you, No such user", nil),
            ("RCPT", "554 5.7.1 Relay access denied", nil), ("RCPT", "530 5.7.0 Sign in first", nil), ("RCPT", "450 Later", nil),
            ("MAIL", "550 Not you", nil), (".", "554 Spam", nil), ("", "554 Go away", nil),
            ("EHLO", "HTTP/1.1 400 Bad Request", nil),
        ]
    )
    func refusals(word: String, answer: String, code: Int?) async throws {
        try await MailServerDouble.run(.init(answers: [word: answer])) { server in
            guard case .failed(let told, let error) = await send(to: server) else {
                Issue.record("it was taken")
                return
            }
            #expect(told == code && error.contains("No such user") == (code != nil))
        }
    }

    @Test("it goes on with TLS where it is to, with the account, and with nothing that came before in the clear") func startTLS()
        async throws
    {
        let (server, client) = try await TestCertificate.contexts(for: "localhost")
        let account = MailServer.Account(user: "weaver", password: "s3cret")
        try await MailServerDouble.run(.init(tls: server)) { double in
            #expect(await send(to: double, .starttls, account: account, tls: client, host: "localhost") == .delivered(code: 250))
            let auth = try #require(double.heard.first { $0.hasPrefix("AUTH PLAIN ") })
            #expect(Data(base64Encoded: String(auth.dropFirst(11))) == Data("\0weaver\0s3cret".utf8))
            #expect(double.heard.filter { $0.hasPrefix("EHLO") }.count == 2)
            // A certificate that nobody vouches for.
            #expect(
                await send(to: double, .starttls, account: account, host: "localhost")
                    == .failed(code: nil, error: "The mail server did not take it")
            )
        }
        // Not offered; something behind the answer, in the clear; and an answer that came before it was asked for.
        let early = ["EHLO": "250-mail.test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n220 go on"]
        for manner in [
            MailServerDouble.Manner(abilities: ["AUTH PLAIN"], tls: server), .init(injected: "250 mine", tls: server),
            .init(answers: early),
        ] {
            try await MailServerDouble.run(manner) { double in
                guard case .failed = await send(to: double, .starttls, account: account, tls: client, host: "localhost") else {
                    Issue.record("it was taken")
                    return
                }
                #expect(!double.heard.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
            }
        }
    }

    @Test("a server that says nothing is waited for so long and no longer") func silence() async throws {
        try await MailServerDouble.run(.init(answers: ["": ""])) { server in
            #expect(
                await send(to: server, patience: .seconds(1))
                    == .failed(code: nil, error: "The mail server did not answer within 1 seconds")
            )
        }
    }

    @Test("replies are read whole, however they come", arguments: 1...9) func pieces(size: Int) throws {
        let text = Array("250-mail.test\r\n250-SIZE\n250 HELP\r\n354 go\r\n".utf8)
        var buffer = ByteBuffer()
        var replies: [SMTPReply] = []
        for start in stride(from: 0, to: text.count, by: size) {
            buffer.writeBytes(text[start..<min(start + size, text.count)])
            while let reply = try SMTPReply(from: &buffer) { replies.append(reply) }
        }
        #expect(replies.map(\.code) == [250, 354] && replies[0].lines == ["mail.test", "SIZE", "HELP"])
    }

    @Test("an address in ASCII with a host that has a dot is one, and nothing that SMTP would read otherwise") func addresses() {
        for (text, wanted) in [
            ("ada@example.com", "ada@example.com"), (" A.da+tea@Example.COM ", "A.da+tea@example.com"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ] {
            #expect(MailAddress(text)?.rawValue == wanted)
        }
        for text in [
            "", "ada", "ada@", "@example.com", "ada@localhost", "a b@example.com", "a@b@example.com", "a>@example.com", "a\r\n@example.com",
            ".a@example.com",
            "a..b@example.com", "ädä@example.com", "ada@exämple.com", "\"a b\"@example.com",
            String(repeating: "a", count: 65) + "@example.com",
        ] { #expect(MailAddress(text) == nil) }
    }
}
