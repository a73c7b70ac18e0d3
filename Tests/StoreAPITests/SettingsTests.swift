import Foundation
import StoreAPI
import Testing

@Suite struct SettingsTests {
    @Test("names the setting that is wrong", arguments: ["PORT", "MAX_STORES", "MAX_STORES_PER_USER"])
    func namesTheKey(_ key: String) {
        #expect { try settings([key: "many"]) } throws: { "\($0)".hasPrefix(key) }
    }

    @Test("refuses a way of knowing callers that it does not have", arguments: ["accounts", "oidc", "Header", "none"])
    func unknownMode(_ mode: String) {
        #expect { try settings(["AUTH_MODE": mode]) } throws: { "\($0)".hasPrefix("AUTH_MODE") }
    }

    @Test("believes the header unless told otherwise", arguments: [[:] as [String: String], ["AUTH_MODE": ""], ["AUTH_MODE": "header"]])
    func headerMode(_ environment: [String: String]) throws {
        #expect(try settings(environment).authMode == .header)
    }
}
