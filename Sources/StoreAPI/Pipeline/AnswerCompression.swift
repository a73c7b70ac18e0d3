import NIOHTTP1
import NIOHTTPCompression

/// Packs answers for who asks for it (RFC 9110, 12.5.3): JSON and text of more than a kibibyte that is there as a whole. Files are packed already;
/// streams are not, since each event has to go at once. No answer has a secret beside what a caller wrote, so its length tells nothing (BREACH).
enum AnswerCompression {
    private static let least = 1_024

    static func handler() -> HTTPResponseCompressor {
        HTTPResponseCompressor(initialByteBufferCapacity: 0) { head, isPossible in
            guard isWorthIt(head.headers) else { return .doNotCompress }
            // A cache has to know, whichever form it got.
            head.headers.replaceOrAdd(name: "Vary", value: (head.headers.first(name: "Vary").map { $0 + ", " } ?? "") + "Accept-Encoding")
            return isPossible ? .compressIfPossible : .doNotCompress
        }
    }

    static func isWorthIt(_ headers: HTTPHeaders) -> Bool {
        guard headers.first(name: "Content-Encoding") == nil, headers.first(name: "ETag") == nil,
            let length = headers.first(name: "Content-Length").flatMap({ Int($0) }), length > least
        else { return false }
        let type = headers.first(name: "Content-Type") ?? ""
        return type.hasPrefix("application/json") || type.hasPrefix("text/html") || type.hasPrefix("application/x-ndjson")
    }
}
