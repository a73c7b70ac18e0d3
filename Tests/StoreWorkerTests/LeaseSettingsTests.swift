import Configuration
import StoreDomain
import StoreWorker
import Testing

@Suite struct LeaseSettingsTests {
    private func times(_ environment: [String: String]) throws -> LeaseTimes {
        let variables = environment.merging(["HELM_PATH": "/bin/sh"]) { $1 }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        return try WorkerSettings(reader: reader, programFolder: "/bin").times
    }

    @Test("nothing set means the times of the decision records") func standard() throws {
        #expect(try times([:]) == LeaseTimes())
    }

    @Test("each can be set") func all() throws {
        let set = try times([
            "LEASE_RENEW_SECONDS": "1", "LEASE_TERMINATE_SECONDS": "4", "LEASE_KILL_SECONDS": "6", "LEASE_SECONDS": "9",
            "LEASE_TAKEOVER_SECONDS": "5",
        ])
        #expect(
            set == LeaseTimes(renewal: .seconds(1), term: .seconds(4), kill: .seconds(6), lease: .seconds(9), settle: .seconds(5))
        )
    }

    @Test(
        "times out of order are refused",
        arguments: [["LEASE_RENEW_SECONDS": "7"], ["LEASE_TERMINATE_SECONDS": "10"], ["LEASE_KILL_SECONDS": "12"], ["LEASE_SECONDS": "3"]]
    )
    func order(_ environment: [String: String]) {
        #expect { try times(environment) } throws: { "\($0)".hasSuffix("must each be less than the next") }
    }

    @Test("what is no number of seconds is refused by its name", arguments: ["0", "-1", "1.5", "soon"]) func number(_ text: String) {
        #expect { try times(["LEASE_TAKEOVER_SECONDS": text]) } throws: { "\($0)".hasPrefix("LEASE_TAKEOVER_SECONDS must be") }
    }
}
