import NIOCore

/// What a mail server answered: a code of three digits, and the words of each line.
struct SMTPReply: Sendable, Equatable {
    let code: Int
    let lines: [String]

    /// Takes the first whole reply from what was read; `nil`: more has to come. Throws `SMTPFailure.unreadable`.
    init?(from buffer: inout ByteBuffer) throws(SMTPFailure) {
        var rest = buffer
        var lines: [String] = []
        while let end = rest.readableBytesView.firstIndex(of: 0x0a) {
            guard let bytes = rest.readSlice(length: end - rest.readerIndex + 1) else { return nil }
            let line = String(decoding: bytes.readableBytesView.filter { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
            guard let code = Int(line.prefix(3)), (200...599).contains(code) else { throw .unreadable }
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" {
                buffer = rest
                self.code = code
                self.lines = lines
                return
            }
        }
        return nil
    }

    /// Whether it says, to an address, that there is no such mailbox; not that whoever asks may not send there (5.7.x, or a server's policy).
    var isNoMailbox: Bool {
        guard [550, 551, 553].contains(code) else { return false }
        let enhanced = lines.first?.prefixMatch(of: /5\.(\d{1,3})\.\d{1,3}\b/)?.1
        return enhanced.map { $0 == "1" } ?? true
    }

    /// For people and logs: one line.
    var text: String { ([String(code)] + lines.filter { !$0.isEmpty }).joined(separator: " ") }
}

/// Why a message was not handed over.
enum SMTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server refused, after what was said to it.
    case refused(SMTPReply, after: String)
    case unreadable
    case closed
    /// It is to speak TLS, and does not offer it.
    case noTLS
    /// Something came in the clear that was to come by TLS.
    case saidTooMuch
    /// None of its ways to sign in is known here.
    case noWayToSignIn

    var description: String {
        switch self {
        case .refused(let reply, let after): "it answered \(after) with \(reply.text)"
        case .unreadable: "what it says is no SMTP"
        case .closed: "it closed the connection"
        case .noTLS: "it does not offer STARTTLS"
        case .saidTooMuch: "it said something in the clear that was to come by TLS"
        case .noWayToSignIn: "it offers neither PLAIN nor LOGIN to sign in"
        }
    }
}
