import Foundation
import NIOSSL
import Program
import Sealing
import StoreCourier
import StoreDomain
import StoreRecords
import Synchronization
import TestSupport
import Testing

/// What leaves the courier, and where it goes.
@Suite struct WebhookSenderTests {
    /// Answers each question with the next of its lists, and with the last for ever.
    private final class Resolver: HostResolver {
        private let answers: Mutex<[[String]]>
        private let asked = Atomic<Int>(0)

        init(_ answers: [String]...) { self.answers = Mutex(answers) }

        var questions: Int { asked.load(ordering: .relaxed) }

        func addresses(of host: String) async -> [NetworkAddress] {
            asked.add(1, ordering: .relaxed)
            let texts = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return texts.compactMap { NetworkAddress($0) }
        }
    }

    /// 127.0.0.2 stands for a public address, 127.0.0.1 for what must not be reached.
    private func sender(_ resolver: any HostResolver, tls: TLSConfiguration = .makeClientConfiguration(), patience: Duration = .seconds(10))
        throws -> WebhookSender
    {
        let policy = OutboundPolicy(
            allowsPlainHTTP: true,
            allowed: [try #require(AddressRange("127.0.0.0/8"))],
            refused: [try #require(AddressRange("127.0.0.1"))]
        )
        return WebhookSender(check: OutboundCheck(policy: policy, resolver: resolver), tls: tls, patience: patience)
    }

    private func webhook(_ url: String) throws -> ChannelSeal.Webhook {
        .init(url: try #require(WebhookAddress(url)).url, secret: .random())
    }

    @Test("a name that leads elsewhere the second time is connected to where it was checked") func rebinding() async throws {
        try await Receiver.run(host: "127.0.0.2") { public_ in
            try await Receiver.run(host: "127.0.0.1", port: public_.port) { inner in
                let resolver = Resolver(["127.0.0.2"], ["127.0.0.1"])
                let sender = try sender(resolver)
                let target = try webhook("http://Rebind.test:\(public_.port)/hook")
                #expect(await sender.send("{}", id: "one", to: target) == .delivered(code: 204))
                #expect(resolver.questions == 1, "nobody is asked again")
                #expect(public_.received.first?.header("host") == "rebind.test:\(public_.port)")
                guard case .failed(nil, let error) = await sender.send("{}", id: "two", to: target) else {
                    throw TestSupportError(message: "sent")
                }
                #expect(error.contains("public internet") && !error.contains("127"))
                // One of two is enough.
                let both = try self.sender(Resolver(["127.0.0.2", "127.0.0.1"]))
                guard case .failed = await both.send("{}", id: "three", to: target) else { throw TestSupportError(message: "sent") }
                // By its number, and mapped into IPv6.
                for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
                    let direct = try webhook("http://\(host):\(public_.port)/")
                    let sender = WebhookSender(check: OutboundCheck(policy: OutboundPolicy(allowsPlainHTTP: true)))
                    guard case .failed = await sender.send("{}", id: "four", to: direct) else { throw TestSupportError(message: "sent") }
                }
                #expect(inner.connected == 0 && public_.connected == 1)
            }
        }
    }

    @Test("a message is signed as Standard Webhooks has it, which Python agrees with") func signature() async throws {
        try await Receiver.run(host: "127.0.0.2") { receiver in
            let target = try webhook("http://hooks.test:\(receiver.port)/a?b=c")
            let payload = #"{"type":"store.ready","data":{"store":{"name":"Käse & \"Söhne\""}}}"#
            let now = Date(timeIntervalSince1970: 1_764_244_800)
            #expect(try await sender(Resolver(["127.0.0.2"])).send(payload, id: "0b8e7c1c", to: target, now: now) == .delivered(code: 204))
            let message = try #require(receiver.received.first)
            #expect(message.head.hasPrefix("POST /a?b=c HTTP/1.1") && message.body == payload)
            #expect(message.header("webhook-id") == "0b8e7c1c" && message.header("webhook-timestamp") == "1764244800")
            #expect(message.header("content-type") == "application/json")
            let verify = """
                import base64, hashlib, hmac, sys
                secret, id, at, body, sent = sys.argv[1:]
                key = base64.b64decode(secret.removeprefix("whsec_"))
                mac = hmac.new(key, f"{id}.{at}.{body}".encode(), hashlib.sha256).digest()
                sys.exit(0 if sent == "v1," + base64.b64encode(mac).decode() else 1)
                """
            let sent = try #require(message.header("webhook-signature"))
            let told = [target.secret.text, "0b8e7c1c", "1764244800", message.body]
            try await PrivateServer.run("/usr/bin/env", ["python3", "-c", verify] + told + [sent])
            await #expect(throws: (any Error).self) {
                try await PrivateServer.run("/usr/bin/env", ["python3", "-c", verify] + told.dropLast() + ["{}", sent])
            }
        }
    }

    @Test(
        "an answer that is not 2xx is a failure, and nobody follows where it points",
        arguments: [
            ("302 Found\r\nLocation: http://127.0.0.1:1/", 302), ("307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/", 307),
            ("410 Gone", 410),
            ("500 Oh", 500), ("404 Not Found", 404),
        ]
    )
    func refusals(head: String, code: Int) async throws {
        try await Receiver.run(host: "127.0.0.2", answer: "HTTP/1.1 \(head)\r\nContent-Length: 0\r\n\r\n") { receiver in
            let result = try await sender(Resolver(["127.0.0.2"])).send("{}", id: "x", to: webhook("http://hooks.test:\(receiver.port)/"))
            guard case .failed(code, let error) = result else { throw TestSupportError(message: "\(result)") }
            #expect(error.contains("\(code)") && receiver.connected == 1)
        }
    }

    @Test("an answer without end is read to 4 KiB, none at all ends the attempt, and what is no HTTP is told as such") func answers()
        async throws
    {
        let endless = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "x", count: WebhookSender.mostBytes)
        try await Receiver.run(host: "127.0.0.2", answer: endless) { receiver in
            let result = try await sender(Resolver(["127.0.0.2"])).send("{}", id: "x", to: webhook("http://hooks.test:\(receiver.port)/"))
            #expect(result == .delivered(code: 200))
        }
        try await Receiver.run(host: "127.0.0.2", answer: "") { receiver in
            let sender = try sender(Resolver(["127.0.0.2"]), patience: .milliseconds(200))
            guard case .failed(nil, let error) = await sender.send("{}", id: "x", to: try webhook("http://hooks.test:\(receiver.port)/"))
            else {
                throw TestSupportError(message: "it was answered")
            }
            #expect(error.hasPrefix("No answer"))
        }
        try await Receiver.run(host: "127.0.0.2", answer: "SSH-2.0-OpenSSH\r\n\r\n") { receiver in
            let result = try await sender(Resolver(["127.0.0.2"])).send("{}", id: "x", to: webhook("http://hooks.test:\(receiver.port)/"))
            guard case .failed(nil, let error) = result else { throw TestSupportError(message: "\(result)") }
            #expect(!error.contains("SSH"))
        }
    }

    @Test("over TLS the certificate has to be the name's, whatever the address") func certificates() async throws {
        let (server, believing) = try await TestCertificate.contexts(for: "hooks.test")
        try await Receiver.run(host: "127.0.0.2", tls: server) { receiver in
            let trusting = try sender(Resolver(["127.0.0.2"]), tls: believing)
            #expect(try await trusting.send("{}", id: "x", to: webhook("https://hooks.test:\(receiver.port)/")) == .delivered(code: 204))
            #expect(receiver.received.first?.header("host") == "hooks.test:\(receiver.port)")
            for (sender, host) in [(trusting, "other.test"), (trusting, "127.0.0.2"), (try sender(Resolver(["127.0.0.2"])), "hooks.test")] {
                let result = await sender.send("{}", id: "x", to: try webhook("https://\(host):\(receiver.port)/"))
                guard case .failed(nil, let error) = result else { throw TestSupportError(message: "\(host): \(result)") }
                #expect(error.contains("certificate"), "\(host): \(error)")
            }
            #expect(receiver.received.count == 1)
        }
    }
}
