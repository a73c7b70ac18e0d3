import Foundation
import Synchronization

/// An HTTP proxy that knows CONNECT alone. Wherever a client wants to go, it leads to one port of this machine.
final class TunnelProxy: Sendable {
    let port: UInt16
    private let listener: Int32
    private let wanted = Mutex<[String]>([])

    /// The places that clients wanted since the last time.
    func take() -> [String] {
        wanted.withLock { wanted in
            defer { wanted = [] }
            return wanted
        }
    }

    init(to target: Int) throws {
        signal(SIGPIPE, SIG_IGN)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { self.serve(client, target: UInt16(target)) }
            }
        }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32, target: UInt16) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), head.count < 65_536, read(client, &byte, 1) == 1 { head.append(byte) }
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: target)
        let isThere = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard words.count > 1, words[0] == "CONNECT", isThere else {
            shutdown(client, Int32(SHUT_RDWR))
            return
        }
        wanted.withLock { $0.append(String(words[1])) }
        _ = write(client, "HTTP/1.1 200 OK\r\n\r\n", 19)
        Thread.detachNewThread { Self.pass(from: server, to: client) }
        Self.pass(from: client, to: server)
    }

    private static func pass(from source: Int32, to target: Int32) {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(source, &bytes, bytes.count)
            if count <= 0 || write(target, bytes, count) != count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
