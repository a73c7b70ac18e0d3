import Configuration
import Provisioning
import StoreWorker
import Testing

@Suite struct AccessSettingsTests {
    private func access(role: String?, account: String?) throws -> NamespaceAccess? {
        var variables = ["HELM_PATH": "/bin/sh"]
        variables["WORKER_CLUSTER_ROLE"] = role
        variables["WORKER_SERVICE_ACCOUNT"] = account
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        return try WorkerSettings(reader: reader, programFolder: "/bin").provisioning.access
    }

    @Test("a worker whose account may do everything binds nothing") func none() throws {
        #expect(try access(role: nil, account: nil) == nil)
        #expect(try access(role: "", account: "") == nil)
    }

    @Test("role and account are read") func both() throws {
        let access = try #require(try access(role: "weaver-store", account: "platform/weaver-worker"))
        #expect((access.clusterRole, access.accountNamespace, access.accountName) == ("weaver-store", "platform", "weaver-worker"))
    }

    @Test(
        "half of it, or what is no name, is refused by the settings' names",
        arguments: [
            ("role", nil), (nil, "a/b"), ("role", "b"), ("role", "a/b/c"), ("role", "/b"), ("role", "a/"), ("role", "a/B"),
            ("ro/le", "a/b"),
        ] as [(String?, String?)]
    )
    func wrong(role: String?, account: String?) {
        #expect { try access(role: role, account: account) } throws: { "\($0)".hasPrefix("WORKER_CLUSTER_ROLE must") }
    }
}
