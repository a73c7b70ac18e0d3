import NIOCore

/// One event as it goes over the wire (WHATWG HTML, server-sent events), made once for all who get it.
struct EventFrame: Sendable {
    let bytes: ByteBuffer

    /// `id`: what a client that reconnects sends as `Last-Event-ID`.
    init(_ event: StaticString, id: String?, capacity: Int = 1_024, _ body: (inout JSONWriter) -> Void) {
        var frame = ByteBuffer()
        frame.writeStaticString("event: ")
        frame.writeStaticString(event)
        if let id { frame.writeString("\nid: \(id)") }
        frame.writeStaticString("\ndata: ")
        // JSON of ours has no line breaks: one data line is enough.
        var json = JSONWriter(capacity: capacity)
        json.object(body)
        frame.writeImmutableBuffer(json.buffer)
        frame.writeStaticString("\n\n")
        bytes = frame
    }

    private init(_ text: StaticString) { bytes = ByteBuffer(staticString: text) }

    /// A comment that keeps proxies from closing the connection.
    static let heartbeat = EventFrame(": still here\n\n")
    /// The first words: how soon to reconnect, in milliseconds.
    static let greeting = EventFrame("retry: 1000\n\n")
}
