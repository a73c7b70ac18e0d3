import StoreDomain
import Testing

@Suite struct StoreIDTests {
    @Test("a random id is 12 hex digits and begins with a letter") func random() {
        for _ in 0..<1_000 {
            let id = StoreID.random()
            #expect(id.rawValue.wholeMatch(of: /[a-f][0-9a-f]{11}/) != nil)
            #expect(StoreID(id.rawValue) == id)
        }
    }

    @Test(
        "what is no id is refused",
        arguments: ["", "abcdef01234", "abcdef0123456", "0bcdef012345", "ABCDEF012345", "abcdefg12345", "abcdef01234é"]
    )
    func refused(text: String) {
        #expect(StoreID(text) == nil)
    }
}

@Suite struct StoreNameTests {
    @Test("white space around a name is trimmed", arguments: [("  Acme ", "Acme"), ("\n\tÄcme  GmbH\u{a0}", "Äcme  GmbH")])
    func trimmed(text: String, name: String) throws {
        #expect(try StoreName(text).rawValue == name)
    }

    @Test("a name has 1 to 200 characters") func length() throws {
        #expect(throws: StoreName.Invalid.empty) { try StoreName("") }
        #expect(throws: StoreName.Invalid.empty) { try StoreName(" \n\t ") }
        #expect(try StoreName(String(repeating: "店", count: 200)).rawValue.count == 200)
        #expect(throws: StoreName.Invalid.tooLong) { try StoreName(String(repeating: "x", count: 201)) }
    }

    @Test("control characters are refused", arguments: ["a\0b", "a\u{7f}b", "a\u{9f}b", "a\u{7}b", "a\u{1b}[31mb"]) func control(
        text: String
    ) {
        #expect(throws: StoreName.Invalid.controlCharacter) { try StoreName(text) }
    }
}

@Suite struct StoreNamespaceTests {
    @Test(
        "the slug is lower case, with one - for each run of other characters",
        arguments: [
            ("Acme Electronics", "store-acme-electronics"), ("  --Hello,   World!-- ", "store-hello-world"), ("ÄÖÜ", "store-aou"),
            ("日本の店", "store-ri-benno-dian"), ("Café 24", "store-cafe-24"), ("Zürich Käse & Söhne", "store-zurich-kase-sohne"),
            ("🛒", "store-store"), ("1", "store-1"), ("A_b.C", "store-a-b-c"),
            ("İstanbul", "store-istanbul"), ("Cafe\u{301} 24", "store-cafe-24"), ("\u{212a}iosk", "store-kiosk"),
            ("Straße", "store-strasse"),
            ("Łódź Øst Æon", "store-lodz-ost-aeon"), ("Москва", "store-moskva"), ("Ελλάδα", "store-ellada"),
        ]
    )
    func slug(name: String, namespace: String) throws {
        #expect(StoreNamespace.preferred(for: try StoreName(name)).rawValue == namespace)
    }

    @Test("whatever the name, the namespace is a DNS-1123 label") func valid() throws {
        let names = [
            String(repeating: "x", count: 200), String(repeating: "ab ", count: 66), "🛒🛒🛒", "-", "É", "İstanbul",
            String(repeating: "-a", count: 90),
        ]
        let id = try #require(StoreID("abcdef012345"))
        for text in names {
            let name = try StoreName(text)
            #expect(StoreSlug(StoreSlug(of: text).rawValue) == StoreSlug(of: text))
            for namespace in [StoreNamespace.preferred(for: name), .suffixed(for: name, id: id)] {
                #expect(namespace.rawValue.wholeMatch(of: /store-[a-z0-9]([a-z0-9-]*[a-z0-9])?/) != nil)
                #expect(namespace.rawValue.utf8.count <= 63)
                #expect(StoreNamespace(namespace.rawValue) == namespace)
            }
        }
    }

    @Test("the suffix is the first 6 of the id") func suffix() throws {
        let namespace = StoreNamespace.suffixed(for: try StoreName("Acme"), id: try #require(StoreID("abcdef012345")))
        #expect(namespace.rawValue == "store-acme-abcdef")
    }

    @Test(
        "what no store can have is refused",
        arguments: ["default", "store-", "store--a", "store-a-", "store-A", "store-a.b", "store-" + String(repeating: "a", count: 58)]
    )
    func refused(text: String) {
        #expect(StoreNamespace(text) == nil)
    }

    @Test("the host is the namespace without store-, plus the suffix") func address() throws {
        let namespace = try #require(StoreNamespace("store-acme"))
        #expect(StoreAddressing(scheme: .http, suffix: ".localhost").url(for: namespace) == "http://acme.localhost")
        #expect(
            StoreAddressing(scheme: .https, suffix: "stores.example", port: 8443).url(for: namespace) == "https://acme.stores.example:8443"
        )
    }
}

@Suite struct StoreStatusTests {
    @Test("a store goes only where the state machine lets it") func transitions() {
        let allowed: [(StoreStatus, StoreStatus)] = [
            (.provisioning, .ready), (.provisioning, .failed), (.provisioning, .deleting), (.ready, .failed), (.ready, .deleting),
            (.failed, .provisioning), (.failed, .deleting), (.deleting, .failed),
        ]
        for old in StoreStatus.allCases {
            for new in StoreStatus.allCases {
                #expect(old.mayBecome(new) == (old == new || allowed.contains { $0 == (old, new) }), "\(old) to \(new)")
            }
        }
    }
}
