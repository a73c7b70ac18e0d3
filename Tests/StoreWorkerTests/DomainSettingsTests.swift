import Configuration
import StoreDomain
import Testing

@testable import StoreWorker

@Suite struct DomainSettingsTests {
    private func settings(_ variables: [String: String]) throws -> DomainSettings {
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: variables.merging(["HELM_PATH": "/bin/sh"]) { $1 })
        )
        return try WorkerSettings(reader: reader, programFolder: "/bin").domains
    }

    @Test("the system's resolvers are asked, public addresses only, and certificates are ordered where there is an issuer and https")
    func defaults() throws {
        let plain = try settings([:])
        #expect(plain.servers.isEmpty && !plain.allowsPrivateAddresses && plain.port == 80 && plain.ordersPerHour == nil)
        let production = ["ENVIRONMENT": "production", "PROD_INGRESS_SUFFIX": ".stores.example.net", "CERTIFICATE_ISSUER": "letsencrypt"]
        #expect(try settings(production).ordersPerHour == 50)
        let told = try settings([
            "DNS_SERVERS": "192.0.2.53, 127.0.0.1:5353", "DOMAINS_AT_PRIVATE_ADDRESSES": "true", "INGRESS_PORT": "8080",
        ])
        #expect(
            told.servers == [NameServer("192.0.2.53:53"), NameServer("127.0.0.1:5353")] && told.allowsPrivateAddresses && told.port == 8_080
        )
    }

    @Test(
        "what cannot be is refused by the setting's name",
        arguments: [
            ("DNS_SERVERS", "dns.example.com"), ("DNS_SERVERS", "192.0.2.53:0"), ("DNS_SERVERS", "2001:db8::53"),
            ("DNS_SERVERS", "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4"), ("ACME_ORDERS_PER_HOUR", "0"),
            ("DOMAINS_AT_PRIVATE_ADDRESSES", "1"),
        ]
    )
    func wrong(name: String, value: String) {
        #expect { try settings([name: value]) } throws: { "\($0)".hasPrefix(name + " m") }
    }
}
