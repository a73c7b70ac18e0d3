import Foundation
import Synchronization

/// A server that answers as badly as a test wants it to: one thread for each connection, bytes as they are.
final class RawServer: Sendable {
    /// Writes to the client; false once it has hung up.
    typealias Write = ([UInt8]) -> Bool

    let port: UInt16
    private let socket: Int32
    private let sent = Atomic<Int>(0)

    /// How many bytes were taken from it so far.
    var bytesSent: Int { sent.load(ordering: .relaxed) }
    var address: String { "http://127.0.0.1:\(port)" }

    /// `answer`: gets the request's path, and writes the whole answer.
    init(_ answer: @escaping @Sendable (String, Write) -> Void) throws {
        signal(SIGPIPE, SIG_IGN)
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread {
                    answer(Self.path(client)) { bytes in
                        let count = bytes.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
                        if count > 0 { self.sent.add(count, ordering: .relaxed) }
                        return count == bytes.count
                    }
                    close(client)
                }
            }
        }
    }

    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// Of the request, whose head is read to its end.
    private static func path(_ client: Int32) -> String {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), head.count < 65_536, read(client, &byte, 1) == 1 { head.append(byte) }
        return String(decoding: head, as: UTF8.self).split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }

    static func head(_ status: String = "200 OK", length: Int? = nil) -> [UInt8] {
        let framing = length.map { "Content-Length: \($0)" } ?? "Connection: close"
        return Array("HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(framing)\r\n\r\n".utf8)
    }
}
