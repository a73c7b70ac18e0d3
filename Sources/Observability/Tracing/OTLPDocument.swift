import Foundation

/// `ExportTraceServiceRequest` of OTLP 1, in its JSON form: ids in hex, times as text in nanoseconds.
struct OTLPDocument: Encodable {
    private struct Text: Encodable { var stringValue: String }

    private struct Attribute: Encodable {
        var key: String
        var value: Text

        init(_ key: String, _ value: String) {
            self.key = key
            self.value = Text(stringValue: value)
        }
    }

    private struct Status: Encodable {
        /// 0 unset, 2 error.
        var code: Int
        var message: String?
    }

    private struct Item: Encodable {
        var traceId: String
        var spanId: String
        var parentSpanId: String?
        var name: String
        var kind: Int
        var startTimeUnixNano: String
        var endTimeUnixNano: String
        var attributes: [Attribute]
        var status: Status

        init(_ span: Span) {
            traceId = span.context.trace
            spanId = span.context.span
            parentSpanId = span.parent
            name = span.name
            kind = span.kind.rawValue
            startTimeUnixNano = Self.nanoseconds(span.begin)
            endTimeUnixNano = Self.nanoseconds(span.end)
            attributes = span.attributes.map { Attribute($0, $1) }
            status = Status(code: span.failure == nil ? 0 : 2, message: span.failure)
        }

        private static func nanoseconds(_ time: Date) -> String { String(Int64(time.timeIntervalSince1970 * 1e6) * 1_000) }
    }

    private struct Scope: Encodable { var name = "store-weaver" }

    private struct ScopeSpans: Encodable {
        var scope = Scope()
        var spans: [Item]
    }

    private struct Resource: Encodable { var attributes: [Attribute] }

    private struct ResourceSpans: Encodable {
        var resource: Resource
        var scopeSpans: [ScopeSpans]
    }

    private let resourceSpans: [ResourceSpans]

    init(service: String, spans: [Span]) {
        let resource = Resource(attributes: [
            Attribute("service.name", service), Attribute("host.name", ProcessInfo.processInfo.hostName),
            Attribute("process.pid", String(ProcessInfo.processInfo.processIdentifier)),
        ])
        resourceSpans = [ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(spans: spans.map { Item($0) })])]
    }

    func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
