import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Writes events to one client. For one task at a time: Hummingbird's writer is not made for more.
final class EventWriter: Sendable {
    nonisolated(unsafe) private var writer: any ResponseBodyWriter
    private let waitingSince = Mutex<ContinuousClock.Instant?>(nil)

    fileprivate init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ frames: [EventFrame]) async throws {
        guard !frames.isEmpty else { return }
        var bytes = ByteBuffer()
        for frame in frames { bytes.writeImmutableBuffer(frame.bytes) }
        waitingSince.withLock { $0 = .now }
        nonisolated(unsafe) var writer = writer
        try await writer.write(bytes)
        waitingSince.withLock { $0 = nil }
    }

    /// Whether a write has been waiting for the client for longer than that.
    fileprivate func isStuck(for time: Duration) -> Bool {
        waitingSince.withLock { $0.map { ContinuousClock.now - $0 > time } ?? false }
    }
}

/// The client takes nothing: whoever reconnects is told what it missed.
private struct SlowClient: Error {}

extension Response {
    /// A stream of events for as long as the body runs; ends early when the client takes nothing for `patience`, and when what it
    /// showed as proof is over: who comes again with new proof goes on where it was.
    static func events(patience: Duration, until end: Date? = nil, _ body: @Sendable @escaping (EventWriter) async throws -> Void)
        -> Response
    {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store", .xAccelBuffering: "no"],
            body: ResponseBody { writer in
                let events = EventWriter(writer)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await body(events) }
                    group.addTask {
                        while !events.isStuck(for: patience) {
                            if let end, end < Date() { return }
                            try await Task.sleep(for: .seconds(1))
                        }
                        throw SlowClient()
                    }
                    try await group.next()
                    group.cancelAll()
                }
                try await writer.finish(nil)
            }
        )
    }
}
