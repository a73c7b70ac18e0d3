import Crypto
import HTTPTypes
import NIOCore
import Program
import StoreDomain
import Synchronization

/// A body that ends well only when it was as long as it said and, where that is known, what its name says: the last piece is held back until
/// then. A storage to which less came than was announced keeps nothing.
struct VerifiedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == ByteBuffer {
    let base: Base
    let length: Int64
    /// The SHA-256 in hex.
    let name: String?
    let verdict = BodyVerdict()
    let gate = BodyGate()

    func makeAsyncIterator() -> Iterator { Iterator(body: self, base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: VerifiedBody
        fileprivate var base: Base.AsyncIterator
        private var held: ByteBuffer?
        private var length: Int64 = 0
        private var hash = SHA256()
        private var hasEnded = false

        fileprivate init(body: VerifiedBody, base: Base.AsyncIterator) {
            self.body = body
            self.base = base
        }

        mutating func next() async throws -> ByteBuffer? { try await next(isolation: #isolation) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            guard !hasEnded else { return nil }
            while let piece = try await read(isolation: actor) {
                length += Int64(piece.readableBytes)
                hash.update(data: piece.readableBytesView)
                guard length <= body.length else { throw body.verdict.refuse() }
                if let ready = held {
                    held = piece
                    return ready
                }
                held = piece
            }
            hasEnded = true
            guard length == body.length, body.name == nil || body.name == hash.finalize().hex else { throw body.verdict.refuse() }
            return held
        }

        private mutating func read(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            try body.gate.enter()
            defer { body.gate.leave() }
            return try await base.next(isolation: actor)
        }
    }
}

/// Whether a body was refused, whatever error its reader made of that.
final class BodyVerdict: Sendable {
    private let refused = Mutex(false)

    var isRefused: Bool { refused.withLock { $0 } }

    fileprivate func refuse() -> VaultRefusal {
        refused.withLock { $0 = true }
        return VaultRefusal(.badRequest)
    }
}
