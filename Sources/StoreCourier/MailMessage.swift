import Foundation
import Program
import StoreDomain

/// A message as it is sent (RFC 5322): in ASCII, lines end with CRLF. No text of it can become a line of the header.
struct MailMessage: Sendable, Equatable {
    /// The same at each attempt, so that who gets it twice can tell.
    let id: String
    let to: MailAddress
    let subject: String
    let text: String
    /// Where the receiver ends this; `nil`: it comes once.
    var stopURL: String?
    let date: Date

    func encoded(from: String, called name: String) -> String {
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let header =
            [
                ("Date", HTTPDate.text(date).replacingOccurrences(of: "GMT", with: "+0000")), ("From", "\(Self.words(name)) <\(from)>"),
                ("To", "<\(to)>"), ("Subject", Self.words(subject)), ("Message-ID", "<\(id)@\(domain)>"),
                ("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Transfer-Encoding", "base64"),
            ] + (stopURL.map { [("List-Unsubscribe", "<\($0)>")] } ?? [])
        let body = Data(text.replacingOccurrences(of: "\n", with: "\r\n").utf8)
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return header.map { "\($0): \($1)\r\n" }.joined() + "\r\n" + body + "\r\n"
    }

    /// Words of base64, whole characters in each, on lines of their own (RFC 2047).
    static func words(_ text: String) -> String {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var size = 0
        for scalar in text.plain(atMost: 200).unicodeScalars {
            // With the name of the header before it a line has 76 at most.
            if size + UTF8.width(scalar) > 39 {
                words.append(String(word))
                (word, size) = (String.UnicodeScalarView(), 0)
            }
            word.append(scalar.properties.isWhitespace ? " " : scalar)
            size += UTF8.width(scalar)
        }
        return (words + [String(word)]).map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
