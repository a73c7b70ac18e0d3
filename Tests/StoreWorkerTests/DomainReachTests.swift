import AsyncHTTPClient
import Configuration
import Foundation
import Hummingbird
import StoreDomain
import Testing

@testable import StoreWorker

@Suite(.timeLimit(.minutes(20))) struct DomainReachTests {
    private func answer(of router: Router<BasicRequestContext>, patience: Duration) async throws -> String? {
        let answers = AsyncStream.makeStream(of: String?.self)
        try await serving(router) { address in
            let port = try #require(URL(string: address)?.port)
            let reader = ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: ["HELM_PATH": "/bin/sh", "INGRESS_PORT": "\(port)"])
            )
            let settings = try WorkerSettings(reader: reader, programFolder: "/bin").domains
            let client = DomainReach.client()
            let reach = DomainReach(resolver: NameResolver(servers: []), client: client, settings: settings, patience: patience)
            let address = try #require(NetworkAddress("127.0.0.1"))
            answers.continuation.yield(await reach.answer(address, try DomainName("shop.example.com"), "/path"))
            try await client.shutdown()
        }
        answers.continuation.finish()
        var last: String?
        for await one in answers.stream { last = one }
        return last
    }

    @Test("a host's answer is read whole, without what surrounds it") func whole() async throws {
        let router = Router()
        router.get("/path") { request, _ in
            #expect(request.head.authority?.hasPrefix("shop.example.com") == true)
            return " proof\n"
        }
        #expect(try await answer(of: router, patience: .seconds(60)) == "proof")
    }

    @Test("a server whose answer never ends keeps nobody waiting") func endless() async throws {
        let router = Router()
        router.get("/path") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    while !Task.isCancelled {
                        try await writer.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: .milliseconds(200))
                    }
                    try await writer.finish(nil)
                }
            )
        }
        #expect(try await answer(of: router, patience: .seconds(1)) == nil)
    }
}
