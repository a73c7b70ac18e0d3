import StoreDomain
import Testing

@Suite struct DomainNameTests {
    @Test(
        "a domain is kept in one form, whatever way it is written",
        arguments: [
            ("shop.example.com", "shop.example.com"), ("SHOP.Example.COM.", "shop.example.com"), ("müller.de", "xn--mller-kva.de"),
            ("MÜLLER.de", "xn--mller-kva.de"), ("xn--mller-kva.de", "xn--mller-kva.de"), ("shop。example.com", "shop.example.com"),
            ("例え.jp", "xn--r8jz45g.jp"), ("faß.de", "xn--fa-hia.de"), ("9.example.com", "9.example.com"),
        ]
    )
    func forms(text: String, expected: String) throws { #expect(try DomainName(text).rawValue == expected) }

    @Test("a domain is shown as people write it") func displayed() throws {
        #expect(try DomainName("xn--mller-kva.de").displayed == "müller.de")
        #expect(try DomainName("shop.example.com").displayed == "shop.example.com")
    }

    @Test(
        "what is no domain that can be brought along is refused with the reason",
        arguments: [
            ("", "Name a domain"), (".", "Name a domain"), ("intranet", "has a dot"), ("com.", "has a dot"), ("*.example.com", "wildcard"),
            ("＊.example.com", "letters"), ("192.0.2.1", "IP address"), ("１９２.0.2.1", "IP address"), ("2001:db8::1", "IP address"),
            ("[2001:db8::1]", "IP address"), ("shop.example.com:8080", "IP address or a port"),
            ("https://shop.example.com", "without http"),
            ("shop.example.com/cart", "without http"), ("user@example.com", "letters"), ("shop_1.example.com", "letters"),
            ("-shop.example.com", "letters"), ("shop..example.com", "letters"), ("a b.example.com", "letters"),
            ("shop%2eexample.com", "letters"),
            ("shop.localhost", ".localhost"), ("printer.local", ".local"), ("db.internal", ".internal"),
            ("1.0.0.127.in-addr.arpa", ".arpa"),
            ("shop.test", ".test"), ("abc.onion", ".onion"), ("a.svc.cluster.local", "local"), ("xn--a.com", "letters"),
            ("a.1", "IP address"), ("\u{202e}moc.example.com", "letters"), ("shop.example.com\n", "letters"),
        ]
    )
    func refused(text: String, reason: String) {
        do throws(DomainName.Invalid) {
            let name = try DomainName(text)
            Issue.record("\(text) became \(name)")
        } catch {
            #expect(error.reason.contains(reason), "\(text): \(error.reason)")
        }
    }

    @Test("labels and names have their lengths") func lengths() throws {
        let label = String(repeating: "a", count: 63)
        #expect((try? DomainName("\(label).example.com")) != nil)
        #expect((try? DomainName("\(label)a.example.com")) == nil)
        let long = [label, label, label, String(repeating: "b", count: 44), "com"].joined(separator: ".")
        #expect(long.utf8.count == DomainName.maximumLength && (try? DomainName(long)) != nil)
        #expect((try? DomainName("c" + long)) == nil)
    }

    @Test(
        "the installation's own domains are refused, and those above them",
        arguments: [
            ("acme.stores.example.net", false), ("stores.example.net", false), ("example.net", false), ("weaver.example.org", false),
            ("mystores.example.net", true), ("example.org", false), ("shop.example.com", true),
        ]
    )
    func reserved(text: String, isFine: Bool) throws {
        let rules = DomainRules(reserved: ["stores.example.net", "weaver.example.org"])
        #expect(((try? rules.check(DomainName(text))) != nil) == isFine)
    }

    @Test(
        "without a list, a registry's second level below a country is nobody's own",
        arguments: [
            ("co.uk", true), ("com.au", true), ("or.at", true), ("shop.co.uk", false), ("example.uk", false), ("co.com", false),
            ("github.io", false),
        ]
    )
    func builtIn(text: String, isPublic: Bool) throws { #expect(PublicSuffixes.builtIn.contains(try DomainName(text)) == isPublic) }

    @Test(
        "a list's rules, wildcards and exceptions hold",
        arguments: [
            ("co.uk", true), ("example.co.uk", false), ("foo.ck", true), ("www.ck", false), ("shop.foo.ck", false), ("github.io", true),
            ("xn--55qw42g.cn", true), ("com.au", false),
        ]
    )
    func list(text: String, isPublic: Bool) throws {
        let list = "// a comment\n\nuk\nco.uk\n*.ck\n!www.ck\ngithub.io  // more\n公益.cn\n"
        let suffixes = try #require(PublicSuffixes(list: list))
        #expect(suffixes.contains(try DomainName(text)) == isPublic)
        #expect(PublicSuffixes(list: "// nothing\n") == nil)
    }

    @Test(
        "only addresses of the internet at large are public",
        arguments: [
            ("203.0.114.1", true), ("8.8.8.8", true), ("2606:4700::1", true), ("127.0.0.1", false), ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("172.32.0.1", true), ("192.168.0.1", false), ("169.254.169.254", false), ("100.64.0.1", false), ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false), ("198.18.0.1", false), ("::1", false), ("::", false), ("fe80::1", false), ("fd00::1", false),
            ("::ffff:10.0.0.1", false), ("::ffff:8.8.8.8", true), ("64:ff9b::a00:1", false), ("2002:a00:1::", false),
            ("2001:db8::1", false),
            ("ff02::1", false),
        ]
    )
    func publicAddresses(text: String, isPublic: Bool) throws { #expect(try #require(NetworkAddress(text)).isPublic == isPublic) }

    @Test("what a store's row says of domains is read, or refused as a whole") func briefs() throws {
        let briefs = try #require(DomainBrief.list("a.example.com active primary,b.example.com pending"))
        #expect(briefs.map(\.host.rawValue) == ["a.example.com", "b.example.com"] && briefs.map(\.isPrimary) == [true, false])
        #expect(DomainBrief.list("") == [])
        for text in ["a.example.com", "a.example.com gone", "a.example.com active second", "A.example.com active"] {
            #expect(DomainBrief.list(text) == nil)
        }
        #expect(OwnHosts(hosts: "a.example.com,b.example.com", primary: "b.example.com")?.primary?.rawValue == "b.example.com")
        #expect(OwnHosts(hosts: "a.example.com", primary: "b.example.com") == nil)
    }
}
