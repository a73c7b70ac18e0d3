import Dispatch
import Program
import StoreDomain
import Testing

/// Where webhooks may lead.
@Suite struct OutboundTests {
    @Test(
        "what is not the public internet is refused, in every form",
        arguments: [
            "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "100.127.255.255", "0.0.0.0", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::",
            "::1",
            "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808", "2002:7f00:1::1", "2002:a00:1::", "2001:0:7f00:1::1",
            "2001:db8::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1", "100::1", "5f00::1", "3fff::1",
        ]
    )
    func special(text: String) throws { #expect(!OutboundPolicy().permits(try #require(NetworkAddress(text)))) }

    @Test(
        "the public internet is permitted",
        arguments: [
            "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "223.255.255.255", "2606:4700:4700::1111",
            "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a00:1450::1",
        ]
    )
    func common(text: String) throws { #expect(OutboundPolicy().permits(try #require(NetworkAddress(text)))) }

    @Test("settings refuse a network of the cluster, also where it is mapped, and allow one that is not public") func settings() throws {
        let policy = OutboundPolicy(
            allowed: [try #require(AddressRange("10.1.0.0/16"))],
            refused: [try #require(AddressRange("8.8.0.0/16")), try #require(AddressRange("10.1.2.0/24"))]
        )
        for (text, isPermitted) in [
            ("8.8.8.8", false), ("::ffff:8.8.8.8", false), ("64:ff9b::8.8.8.8", false), ("10.1.1.1", true), ("10.1.2.1", false),
            ("10.2.0.1", false),
        ] {
            #expect(policy.permits(try #require(NetworkAddress(text))) == isPermitted, "\(text)")
        }
    }

    @Test(
        "an address that hides where it leads is none",
        arguments: [
            "https://user@example.com/", "https://example.com@10.0.0.1/", "https://example.com#@10.0.0.1/",
            "https://example.com\\@10.0.0.1/",
            "ftp://example.com/", "https:///path", "https://", "https://127.1/", "https://0x7f000001/", "https://2130706433/",
            "https://0177.0.0.1/", "https://127.0.0.0x1/", "https://1.2.3.4.5/", "https://[::1/", "https://[fe80::1%25eth0]/",
            "https://::1/",
            "https://example.com:0/", "https://example.com:25/", "https://example.com:1023/", "https://example.com:65536/",
            "https://example.com:+80/", "https://exa mple.com/",
            "https://exämple.com/",
            "https://example.com/\r\nHost: x", "//example.com/", "javascript:alert(1)", "https://example..com/", "https://-a.example/",
            "https://example.com./",
        ]
    )
    func hidden(text: String) { #expect(WebhookAddress(text) == nil) }

    @Test("an address is taken apart once, and written in one way") func parts() throws {
        for (text, url, host, port) in [
            ("HTTPS://Hooks.Example.COM/A?b=c", "https://hooks.example.com/A?b=c", "hooks.example.com", 443),
            ("https://hooks.example.com", "https://hooks.example.com/", "hooks.example.com", 443),
            ("https://hooks.example.com:8443?x", "https://hooks.example.com:8443/?x", "hooks.example.com", 8_443),
            ("http://[2606:4700:0::1]:80/x", "http://[2606:4700::1]/x", "2606:4700::1", 80),
            ("https://8.8.8.8/", "https://8.8.8.8/", "8.8.8.8", 443),
        ] {
            let address = try #require(WebhookAddress(text))
            #expect(address.url == url && address.host == host && address.port == port)
        }
    }

    private struct Answers: HostResolver {
        let texts: [String]
        func addresses(of host: String) async -> [NetworkAddress] { texts.compactMap { NetworkAddress($0) } }
    }

    @Test("every address of a host has to be permitted, and only https is") func check() async throws {
        func outcome(_ url: String, _ texts: [String]) async throws -> String {
            let check = OutboundCheck(policy: OutboundPolicy(), resolver: Answers(texts: texts))
            do { return "\(try await check.address(for: #require(WebhookAddress(url))))" } catch let refusal as OutboundCheck.Refusal {
                return "\(refusal)"
            }
        }
        #expect(try await outcome("https://a.example/", ["8.8.8.8", "2606:4700::1"]) == "8.8.8.8")
        #expect(try await outcome("https://a.example/", ["8.8.8.8", "127.0.0.1"]).contains("not on the public internet"))
        #expect(try await outcome("https://a.example/", []).contains("no address"))
        #expect(try await outcome("http://a.example/", ["8.8.8.8"]).contains("https"))
    }

    @Test("a server that never answers is not waited for, and no more questions are open than there may be") func silence() async {
        // Once it is open, everybody passes.
        let turnstile = DispatchSemaphore(value: 0)
        let address = NetworkAddress("8.8.8.8")!
        let resolver = SystemResolver(patience: .milliseconds(50), limit: 2) { _ in
            turnstile.wait()
            turnstile.signal()
            return [address]
        }
        // Two are asked for, and the third is not.
        for name in ["a.example", "b.example", "c.example"] { #expect(await resolver.addresses(of: name).isEmpty) }
        let unbounded = SystemResolver(patience: .seconds(600), limit: 1) { _ in [address] }
        #expect(await unbounded.addresses(of: "d.example") == [address])
        turnstile.signal()
        var found: [NetworkAddress] = []
        while found.isEmpty { found = await resolver.addresses(of: "e.example") }
        #expect(found == [address])
    }

    @Test("the system's resolver has an address for what is one, and for this machine") func system() async {
        #expect(await SystemResolver().addresses(of: "2606:4700::1") == [NetworkAddress("2606:4700::1")!])
        #expect(await SystemResolver().addresses(of: "localhost").contains(NetworkAddress("127.0.0.1")!))
    }
}
