import Foundation
import StoreDomain
import Testing

@Suite struct RolloutWavesTests {
    @Test(
        "waves are ends, each later than the one before, the last at 100 percent",
        arguments: ["100%", "3,10%,100%", "1,2,3,50%,100%", "10%,500,100%"]
    )
    func waves(_ text: String) throws {
        let waves = try #require(RolloutWaves(text))
        #expect(waves.description == text)
        #expect(try JSONDecoder().decode(RolloutWaves.self, from: try JSONEncoder().encode(waves)) == waves)
    }

    @Test(
        "anything else is no waves",
        arguments: [
            "", "3", "50%", "10%,10%,100%", "20%,10%,100%", "3,3,100%", "0,100%", "0%,100%", "-1,100%", "101%", "100%,100%", "3,,100%",
            "3;100%",
            "a,100%", "1000001,100%", (1...20).map { "\($0)" }.joined(separator: ",") + ",100%",
        ]
    )
    func noWaves(_ text: String) { #expect(RolloutWaves(text) == nil) }

    @Test(
        "what is no list of ends is not decoded",
        arguments: ["[]", #"[{"percent": 50}]"#, #"[{"count": 3, "percent": 100}]"#, "[{}]", "{}"]
    )
    func unreadable(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RolloutWaves.self, from: Data(text.utf8)) }
    }
}
