import Synchronization
import Testing

@testable import Observability

@Suite struct TraceContextTests {
    @Test("a traceparent is read and written as it was") func reads() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceparent == text && context.isSampled)
        #expect(context.child.trace == context.trace && context.child.span != context.span)
        #expect(TraceContext(traceparent: "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-later")?.isSampled == false)
    }

    @Test(
        "what is no traceparent is none",
        arguments: [
            "", "00", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        ]
    ) func refuses(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test("ids are fresh and well-formed") func fresh() throws {
        let contexts = (0..<1_000).map { _ in TraceContext() }
        #expect(Set(contexts.map(\.trace)).count == 1_000)
        for context in contexts { #expect(try #require(TraceContext(traceparent: context.traceparent)) == context) }
    }

    @Test("spans nest, and a failure is noted") func nests() async throws {
        struct Broken: Error {}
        let sink = Sink()
        Tracing.bootstrap(sink)
        let outer = TraceContext()
        await Tracing.span("outer", kind: .server, parent: outer, attributes: [("a", "1")]) { notes in
            notes.rename("renamed")
            await #expect(throws: Broken.self) { try await Tracing.span("inner") { _ in throw Broken() } }
        }
        // Other tests trace, too.
        let spans = sink.spans.withLock { $0 }.filter { $0.context.trace == outer.trace }
        #expect(spans.map(\.name) == ["inner", "renamed"])
        #expect(spans.map(\.parent) == [spans[1].context.span, outer.span])
        #expect(spans.map { $0.failure != nil } == [true, false])
        #expect(TraceContext.current == nil)
    }

    private final class Sink: SpanSink {
        let spans = Mutex<[Span]>([])
        func take(_ span: Span) { spans.withLock { $0.append(span) } }
    }
}
