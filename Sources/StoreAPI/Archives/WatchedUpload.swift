import Hummingbird
import NIOCore
import Program
import StoreDomain
import Synchronization

/// The body of an upload on its way to the vault: ends in an error where it is no archive of a store, or another length than was announced.
struct WatchedUpload: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let base: RequestBody
    let length: Int64
    let gate = BodyGate()
    private let head = Head()

    init(_ base: RequestBody, length: Int64) {
        self.base = base
        self.length = length
    }

    /// What the archive says of itself, or why it was refused. `nil` while it passes.
    var result: Result<ArchiveManifest, ArchiveManifest.Invalid>? { head.result.withLock { $0 } }

    private final class Head: Sendable {
        let result = Mutex<Result<ArchiveManifest, ArchiveManifest.Invalid>?>(nil)
    }

    func makeAsyncIterator() -> Iterator { Iterator(upload: self, base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let upload: WatchedUpload
        fileprivate var base: RequestBody.AsyncIterator
        private var head = ArchiveHead()
        private var passed: Int64 = 0

        fileprivate init(upload: WatchedUpload, base: RequestBody.AsyncIterator) {
            self.upload = upload
            self.base = base
        }

        mutating func next() async throws -> ByteBuffer? { try await next(isolation: #isolation) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            let part: ByteBuffer?
            try upload.gate.enter()
            defer { upload.gate.leave() }
            do { part = try await base.next(isolation: actor) } catch { throw refuse(Self.incomplete) }
            do throws(ArchiveManifest.Invalid) {
                guard let part else {
                    guard passed == upload.length else { throw Self.incomplete }
                    let manifest = try head.end()
                    upload.head.result.withLock { $0 = .success(manifest) }
                    return nil
                }
                passed += Int64(part.readableBytes)
                try head.take(part)
                return part
            } catch {
                throw refuse(error)
            }
        }

        private static let incomplete = ArchiveManifest.Invalid(description: "It was not sent as a whole")

        private func refuse(_ why: ArchiveManifest.Invalid) -> ArchiveManifest.Invalid {
            upload.head.result.withLock { $0 = .failure(why) }
            return why
        }
    }
}
