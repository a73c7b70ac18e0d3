package import AsyncHTTPClient
import Cluster
import NIOCore
import NIOHTTP1
package import StoreDomain

/// Looks whether a host leads here, as a visitor's browser would: by http, to an address that was looked at, without following anybody elsewhere.
package struct DomainReach: Sendable {
    package enum Finding: Sendable, Equatable {
        case here
        case elsewhere(String)
        /// Nobody could tell.
        case unknown(String)
    }

    private static let mostAddresses = 4

    private let resolver: NameResolver
    private let client: HTTPClient
    private let port: Int
    private let allowsPrivate: Bool
    private let patience: Duration

    /// `patience`: for a whole answer.
    package init(resolver: NameResolver, client: HTTPClient, settings: DomainSettings, patience: Duration = .seconds(10)) {
        self.patience = patience
        self.resolver = resolver
        self.client = client
        port = settings.port
        allowsPrivate = settings.allowsPrivateAddresses
    }

    package static func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5))
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// `engine`: of the store that is served there by now; `nil`: none is.
    package func look(_ domain: OwnDomain, servedBy engine: Engine?) async -> Finding {
        let host = domain.host.displayed
        let found: [NetworkAddress]
        switch await resolver.addresses(of: domain.host.rawValue) {
        case .found(let addresses): found = addresses
        case .none: return .elsewhere("\(host) has no address in the DNS yet.")
        case .unknown: return .unknown("The DNS did not answer for \(host).")
        }
        guard allowsPrivate || found.allSatisfy(\.isPublic) else { return .elsewhere("\(host) leads to an address that is not public.") }
        let four = found.filter { $0.bytes.count == 4 }
        // Not every cluster reaches IPv6.
        for address in (four.isEmpty ? found : four).prefix(Self.mostAddresses) {
            guard await leadsHere(address, domain, engine) else {
                return .elsewhere("\(host) leads to \(address), where this platform does not answer for it.")
            }
        }
        return .here
    }

    private func leadsHere(_ address: NetworkAddress, _ domain: OwnDomain, _ engine: Engine?) async -> Bool {
        if await answer(address, domain.host, DomainToken.path + domain.token.rawValue) == domain.token.proof { return true }
        guard let engine else { return false }
        return await answer(address, domain.host, engine.livenessPath)?.lowercased() == "ok"
    }

    /// What is answered with 200, without white space at its ends; `nil` for anything else, too much, or too late.
    func answer(_ address: NetworkAddress, _ host: DomainName, _ path: String) async -> String? {
        // The client's own limit ends with an answer's head: a server that then sends a byte a minute would hold up all checks.
        (try? await within(patience) { try await wholeAnswer(address, host, path) }) ?? nil
    }

    private func wholeAnswer(_ address: NetworkAddress, _ host: DomainName, _ path: String) async throws -> String? {
        let literal = address.bytes.count == 4 ? address.description : "[\(address)]"
        var request = HTTPClientRequest(url: "http://\(literal):\(port)\(path)")
        request.headers.add(name: "Host", value: port == 80 ? host.rawValue : "\(host):\(port)")
        request.headers.add(name: "User-Agent", value: "store-weaver-domain-check")
        let response = try await client.execute(request, timeout: TimeAmount(patience))
        guard response.status == .ok else { return nil }
        let body = try await response.body.collect(upTo: 256)
        return String(buffer: body).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension Engine {
    /// Where the app says `ok` to anybody.
    fileprivate var livenessPath: String {
        switch self {
        case .woocommerce: "/-/live"
        case .medusa: "/health"
        }
    }
}
