package import Hummingbird
import Identity
import NIOCore
import StoreDomain
import StoreRecords

/// What is known of one request beside the request.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who is connected, e.g. `192.0.2.7` or `2001:db8::1`: a proxy, where one stands before us. `nil` for what came over no network.
    package let peer: String?
    /// The address' parameters.
    var query = Query()
    /// Where the request came from, the proxies looked through.
    var address: ClientAddress?
    /// Who asks; `nil`: nobody that is known.
    var principal: Principal?
    /// Why what was shown as proof is none.
    var refusal: APIError?
    /// Whose stores the route may touch for this request.
    var reach = AccessScope.none

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }

    /// Who asks, as an owner of stores.
    var user: UserID? { principal?.user }

    /// Who asks, as the audit names it.
    var `operator`: Operator { Operator(name: principal?.auditName ?? "nobody", source: .api, address: address?.description) }

    /// As the records are asked for stores; `nil`: every store.
    var visibleTo: StoreAccess? { reach.access }
}
