package import Hummingbird
import NIOCore

/// What is known of one request beside the request.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who is connected, e.g. `192.0.2.7` or `2001:db8::1`: a proxy, where one stands before us. `nil` for what came over no network.
    package let peer: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
