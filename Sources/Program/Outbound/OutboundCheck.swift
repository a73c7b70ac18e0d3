package import StoreDomain

/// Decides to which address a webhook's host leads now. Whoever connects is to connect to that one and to ask nobody again: a name may lead elsewhere
/// a moment later.
package struct OutboundCheck: Sendable {
    /// Why nothing may be sent, for the webhook's owner; what a name led to is not said.
    package enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        case plainHTTP
        case noAddress
        case notPublic

        package var description: String {
            switch self {
            case .plainHTTP: "The address must begin with https://"
            case .noAddress: "The host has no address in the DNS"
            case .notPublic: "The host leads to an address that is not on the public internet"
            }
        }
    }

    private let policy: OutboundPolicy
    private let resolver: any HostResolver

    package init(policy: OutboundPolicy, resolver: any HostResolver = SystemResolver()) {
        self.policy = policy
        self.resolver = resolver
    }

    /// One address that may be connected to, where all of the host's may. Throws `Refusal`.
    package func address(for webhook: WebhookAddress) async throws(Refusal) -> NetworkAddress {
        guard webhook.isSecure || policy.allowsPlainHTTP else { throw .plainHTTP }
        let addresses = await resolver.addresses(of: webhook.host)
        guard let first = addresses.first else { throw .noAddress }
        guard addresses.allSatisfy(policy.permits) else { throw .notPublic }
        return first
    }
}
