import AsyncHTTPClient
package import Configuration
import CoreMetrics
import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import Program
import ServiceLifecycle
import Synchronization

/// Sends finished spans to an OpenTelemetry collector, by OTLP over HTTP in JSON. A collector that is away costs spans, nothing else.
package final class OTLPExporter: SpanSink, Service {
    /// What is kept for a collector that does not take it; the oldest go first.
    private static let capacity = 4_096
    private static let batch = 512
    private static let interval = Duration.seconds(1)

    private let url: String
    private let service: String
    private let logger: Logger
    private let spans = Mutex<[Span]>([])
    private let dropped = Counter(label: "storeweaver_spans_dropped_total")

    /// Reads `OTEL_EXPORTER_OTLP_ENDPOINT` (none), e.g. `http://collector:4318`. `nil` where it is not set. Throws `SettingError`.
    package init?(reader: ConfigReader, service: String, logger: Logger) throws {
        guard
            let endpoint = try reader.value("otel.exporter.otlp.endpoint", "an http or https URL", { WebAddress.isBase($0) ? $0 : nil })
        else { return nil }
        url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
        self.service = service
        self.logger = logger
    }

    package func take(_ span: Span) {
        let isFull = spans.withLock { spans in
            let isFull = spans.count == Self.capacity
            if isFull { spans.removeFirst() }
            spans.append(span)
            return isFull
        }
        if isFull { dropped.increment() }
    }

    /// Sends once a second; at shutdown once more, for what ended last.
    package func run() async throws {
        let http = HTTPClient(eventLoopGroupProvider: .singleton)
        var isAway = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await cancelWhenGracefulShutdown { try? await Task.sleep(for: Self.interval) }
            isAway = await !flush(http, wasAway: isAway)
        }
        _ = await flush(http, wasAway: isAway)
        try await http.shutdown()
    }

    /// False: the collector did not take it; it is tried again.
    private func flush(_ http: HTTPClient, wasAway: Bool) async -> Bool {
        while true {
            let batch = spans.withLock { spans in
                let batch = Array(spans.prefix(Self.batch))
                spans.removeFirst(batch.count)
                return batch
            }
            if batch.isEmpty { return true }
            do {
                try await send(batch, http)
            } catch {
                if !wasAway { logger.warning("The trace collector does not take spans", metadata: ["error": "\(error)"]) }
                let lost = spans.withLock { spans in
                    let kept = batch.suffix(Self.capacity - spans.count)
                    spans.insert(contentsOf: kept, at: 0)
                    return batch.count - kept.count
                }
                dropped.increment(by: lost)
                return false
            }
        }
    }

    private func send(_ batch: [Span], _ http: HTTPClient) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try OTLPDocument(service: service, spans: batch).data()))
        let response = try await http.execute(request, timeout: .seconds(5))
        guard (200..<300).contains(response.status.code) else { throw Refused(status: Int(response.status.code)) }
        _ = try await response.body.collect(upTo: 1 << 20)
    }

    private struct Refused: Error { let status: Int }
}
