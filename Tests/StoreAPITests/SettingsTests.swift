import Foundation
import StoreAPI
import Testing

@Suite struct SettingsTests {
    @Test("names the setting that is wrong", arguments: ["PORT", "MAX_STORES", "MAX_STORES_PER_USER"])
    func namesTheKey(_ key: String) {
        #expect { try settings([key: "many"]) } throws: { "\($0)".hasPrefix(key) }
    }
}
