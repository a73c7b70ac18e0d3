import Foundation
import Program
import StoreAPI
import Testing

@Suite struct SettingsTests {
    @Test("names the setting that is wrong", arguments: ["PORT", "MAX_STORES", "MAX_STORES_PER_USER"])
    func namesTheKey(_ key: String) {
        #expect { try settings([key: "many"]) } throws: { "\($0)".hasPrefix(key) }
    }

    private static let keys = "k1:\(Data(repeating: 7, count: 32).base64EncodedString())"

    @Test("refuses a way of knowing callers that it does not have", arguments: ["Header", "none"])
    func unknownMode(_ mode: String) {
        #expect { try settings(["AUTH_MODE": mode]) } throws: { "\($0)".hasPrefix("AUTH_MODE") }
    }

    @Test(
        "knows callers as it is told",
        arguments: [
            ([:], "header"), (["AUTH_MODE": ""], "header"), (["AUTH_MODE": "header"], "header"),
            (["AUTH_MODE": "accounts", "AUTH_KEYS": keys], "accounts"),
            (["AUTH_MODE": "oidc", "OIDC_ISSUER": "https://id.example", "OIDC_AUDIENCE": "weaver"], "oidc"),
            (["ENVIRONMENT": "production", "AUTH_PROXY_ADDRESSES": "10.42.0.0/16"], "header"),
        ] as [([String: String], String)]
    )
    func modes(_ environment: [String: String], _ name: String) throws {
        #expect(try settings(environment).authMode.name == name)
    }

    @Test(
        "does not start with what would let strangers in",
        arguments: [
            (["ENVIRONMENT": "production"], "AUTH_PROXY_ADDRESSES"), (["AUTH_PROXY_ADDRESSES": "10.42.0.0/33"], "AUTH_PROXY_ADDRESSES"),
            (["AUTH_MODE": "accounts"], "AUTH_KEYS"), (["AUTH_MODE": "accounts", "AUTH_KEYS": "k1:c2hvcnQ="], "AUTH_KEYS"),
            (["AUTH_MODE": "accounts", "AUTH_KEYS": keys, "SIGN_UP": "maybe"], "SIGN_UP"),
            (["AUTH_MODE": "accounts", "AUTH_KEYS": keys, "COOKIE_SECURE": "1"], "COOKIE_SECURE"),
            (["AUTH_MODE": "oidc"], "OIDC_ISSUER"), (["AUTH_MODE": "oidc", "OIDC_ISSUER": "https://id.example"], "OIDC_AUDIENCE"),
            (["AUTH_MODE": "oidc", "OIDC_ISSUER": "ftp://id.example", "OIDC_AUDIENCE": "a"], "OIDC_ISSUER"),
            (["AUTH_MODE": "oidc", "OIDC_ISSUER": "https://id.example?x=1", "OIDC_AUDIENCE": "a"], "OIDC_ISSUER"),
            (["ENVIRONMENT": "prod"], "ENVIRONMENT"), (["HOST": "http://0.0.0.0"], "HOST"),
            (["CORS_ORIGIN": "app.example.com"], "CORS_ORIGIN"),
            (["CORS_ORIGIN": "https://app.example.com/"], "CORS_ORIGIN"), (["RESERVED_NAMES": "Api"], "RESERVED_NAMES"),
            (["ADMIN_TOKEN": "0123456789abcdé0"], "ADMIN_TOKEN"), (["ADMIN_TOKEN": "0123456789 abcdef"], "ADMIN_TOKEN"),
            (["LOCAL_INGRESS_SUFFIX": "*.a"], "LOCAL_INGRESS_SUFFIX"),
            (
                ["ENVIRONMENT": "production", "AUTH_MODE": "accounts", "AUTH_KEYS": keys, "COOKIE_SECURE": "false"],
                "COOKIE_SECURE"
            ),
        ] as [([String: String], String)]
    )
    func refusals(_ environment: [String: String], _ setting: String) {
        #expect { try settings(environment) } throws: { "\($0)".contains(setting) && !"\($0)".contains("c2hvcnQ=") }
    }

    @Test(
        "a network has its addresses and no others",
        arguments: [
            ("10.42.0.0/16", "10.42.255.1", true), ("10.42.0.0/16", "10.43.0.1", false), ("10.0.0.0/9", "10.127.0.1", true),
            ("10.0.0.0/9", "10.128.0.1", false), ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
            ("10.42.0.0/16", "::ffff:10.42.1.1", true), ("fd00::/8", "fd12::1", true), ("fd00::/8", "10.42.1.1", false),
            ("0.0.0.0/0", "203.0.113.9", true),
        ]
    )
    func networks(_ network: String, _ address: String, _ isIn: Bool) throws {
        #expect(try #require(AddressRange(network)).contains(address) == isIn)
    }
}
