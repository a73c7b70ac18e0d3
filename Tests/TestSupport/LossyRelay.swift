import Foundation
import Synchronization

/// Stands between clients and the Unix socket of a server, passes everything on, and loses an answer when it is told to.
package final class LossyRelay: Sendable {
    /// Where clients find the relay's socket, under the server's socket's own name.
    package let folder: String
    private let listener: Int32
    private let losesNext = Atomic(false)

    /// `server`: the folder of the server's socket `name`.
    package init(to server: String, name: String = ".s.PGSQL.5432") throws {
        signal(SIGPIPE, SIG_IGN)
        folder = NSTemporaryDirectory() + "relay-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let isListening = Self.withAddress(folder + "/" + name) { bind(listener, $0, $1) == 0 } && listen(listener, 64) == 0
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                guard Self.withAddress(server + "/" + name, { connect(upstream, $0, $1) == 0 }) else {
                    close(client)
                    close(upstream)
                    continue
                }
                Thread.detachNewThread { self.pass(from: client, to: upstream, isAnswer: false) }
                Thread.detachNewThread { self.pass(from: upstream, to: client, isAnswer: true) }
            }
        }
    }

    /// The next that the server says does not arrive, and the connection on which it would have is cut.
    package func loseNextAnswer() { losesNext.store(true, ordering: .sequentiallyConsistent) }

    package var hasLostIt: Bool { !losesNext.load(ordering: .sequentiallyConsistent) }

    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func pass(from source: Int32, to target: Int32, isAnswer: Bool) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &bytes, bytes.count)
            if count <= 0 { break }
            if isAnswer, losesNext.exchange(false, ordering: .sequentiallyConsistent) { break }
            var sent = 0
            while sent < count {
                let more = bytes.withUnsafeBytes { write(target, $0.baseAddress! + sent, count - sent) }
                if more <= 0 { break }
                sent += more
            }
            if sent < count { break }
        }
        // The other direction ends by that, too. The descriptors go with the process: to close one that the other thread reads would be a race.
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard path.utf8.count < place.count else { return false }
            place.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return false }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
