package import Foundation
import Synchronization

/// A piece of work that is over.
package struct Span: Sendable {
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server = 2
        case client = 3
        case consumer = 5
    }

    package var name: String
    package let kind: Kind
    package let context: TraceContext
    /// The span that it is a part of.
    package let parent: String?
    package let begin: Date
    package var end: Date
    package var attributes: [(String, String)]
    /// Why it failed.
    package var failure: String?
}

/// What is said of a span while it lasts.
package final class SpanHandle: Sendable {
    private struct Notes {
        var name: String?
        var attributes: [(String, String)] = []
        var failure: String?
    }

    /// Whether anybody gets them.
    package let areKept: Bool
    private let notes = Mutex(Notes())

    fileprivate init(areKept: Bool) { self.areKept = areKept }

    package func rename(_ name: String) { notes.withLock { $0.name = name } }
    package func add(_ key: String, _ value: String) { notes.withLock { $0.attributes.append((key, value)) } }
    package func fail(_ reason: String) { notes.withLock { $0.failure = reason } }

    fileprivate func write(into span: inout Span) {
        notes.withLock {
            if let name = $0.name { span.name = name }
            span.attributes += $0.attributes
            span.failure = $0.failure
        }
    }
}

/// Takes finished spans; must return at once.
package protocol SpanSink: Sendable {
    func take(_ span: Span)
}

/// Traces the work of this process.
package enum Tracing {
    private static let sink = Mutex<(any SpanSink)?>(nil)

    /// Where spans go; without it, they carry ids for the logs and are let go at their end.
    package static func bootstrap(_ sink: any SpanSink) { Self.sink.withLock { $0 = sink } }

    /// Runs `body` as a span below `parent`, or as a trace of its own. What it throws is noted as the span's failure.
    package static func span<Value>(
        _ name: String,
        kind: Span.Kind = .internal,
        parent: TraceContext? = TraceContext.current,
        attributes: [(String, String)] = [],
        _ body: (SpanHandle) async throws -> Value
    ) async rethrows -> Value {
        let context = parent?.child ?? TraceContext()
        let sink = context.isSampled ? sink.withLock { $0 } : nil
        let notes = SpanHandle(areKept: sink != nil)
        let begin = Date()
        func finish() {
            guard let sink else { return }
            var span = Span(
                name: name,
                kind: kind,
                context: context,
                parent: parent?.span,
                begin: begin,
                end: Date(),
                attributes: attributes
            )
            notes.write(into: &span)
            sink.take(span)
        }
        do {
            let value = try await TraceContext.$current.withValue(context) { try await body(notes) }
            finish()
            return value
        } catch {
            notes.fail("\(error)")
            finish()
            throw error
        }
    }
}
