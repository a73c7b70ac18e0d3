import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
package import NIOSSL
package import Program
package import Sealing
package import StoreRecords

/// Sends one message to one webhook, as Standard Webhooks has it.
package struct WebhookSender: Sendable {
    /// As much of an answer is read; what follows is left.
    package static let mostBytes = 4 * 1_024

    private let check: OutboundCheck
    private let tls: TLSConfiguration
    private let patience: Duration

    /// `patience`: how long one attempt may take, the question for the address included. `tls`: which certificates are believed.
    package init(check: OutboundCheck, tls: TLSConfiguration = .makeClientConfiguration(), patience: Duration = .seconds(10)) {
        self.check = check
        self.tls = tls
        self.patience = patience
    }

    /// `id`, `payload`: the same at each attempt.
    package func send(_ payload: String, id: String, to webhook: ChannelSeal.Webhook, now: Date = Date()) async -> DeliveryResult {
        guard let address = WebhookAddress(webhook.url) else { return .failed(code: nil, error: "The address cannot be read") }
        let timestamp = Int(now.timeIntervalSince1970)
        var request = HTTPClientRequest(url: address.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": "store-weaver", "webhook-id": id, "webhook-timestamp": "\(timestamp)",
            "webhook-signature": webhook.secret.signature(id: id, timestamp: timestamp, body: payload),
        ]
        request.body = .bytes(ByteBuffer(string: payload))
        let prepared = request
        let late = DeliveryResult.failed(code: nil, error: "No answer within \(patience.components.seconds) seconds")
        return await .of(within: patience, late: late) { await attempt(prepared, at: address) }
    }

    /// Connects to the address that was checked, whatever the name leads to by then: the client is told it, and asks no resolver. Redirects are
    /// answers like others.
    private func attempt(_ request: HTTPClientRequest, at webhook: WebhookAddress) async -> DeliveryResult {
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        do {
            configuration.dnsOverride = [webhook.host: "\(try await check.address(for: webhook))"]
        } catch {
            return .failed(code: nil, error: "\(error)")
        }
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout = .init(connect: TimeAmount(patience), read: TimeAmount(patience))
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        let result: DeliveryResult
        do {
            let response = try await client.execute(request, timeout: TimeAmount(patience))
            var count = 0
            for try await part in response.body {
                count += part.readableBytes
                if count >= Self.mostBytes { break }
            }
            let code = Int(response.status.code)
            result = (200...299).contains(code) ? .delivered(code: code) : .failed(code: code, error: Self.meaning(of: code))
        } catch {
            result = .failed(code: nil, error: Self.text(error))
        }
        try? await client.shutdown()
        return result
    }

    private static func meaning(of code: Int) -> String {
        (300...399).contains(code) ? "It answered \(code); redirects are not followed" : "It answered \(code)"
    }

    /// Without addresses and the client's own words.
    private static func text(_ error: any Error) -> String {
        switch error {
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return "The encrypted connection could not be made: is its certificate valid?"
        case let error as HTTPClientError where [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error):
            return "No answer in time"
        case is HTTPParserError, is HTTPClientError: return "The connection ended without a whole answer"
        default: return "No connection could be made"
        }
    }
}
