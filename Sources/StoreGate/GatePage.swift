import Crypto
import Foundation
import StoreDomain

/// The page for a host, and the same as JSON.
struct GatePage: Sendable {
    let answer: GateAnswer

    /// What programs read as `error`.
    var message: String {
        switch answer.state {
        case .asleep: "This store is asleep"
        case .starting: "This store is being set up"
        case .changing: "This store is being updated"
        case .restoring: "This store is being restored from a backup"
        case .unavailable where answer.name == nil: "This address is not available at the moment"
        case .unavailable: "This store is not available at the moment"
        case .unknown: "There is no store at this address"
        }
    }

    /// When to come again, in seconds; `nil`: never.
    var retryAfter: Int? {
        switch answer.state {
        case .asleep: 3_600
        case .starting, .changing, .restoring: 10
        case .unavailable: 30
        case .unknown: nil
        }
    }

    var json: Data {
        struct Document: Encodable {
            let error: String
            let state: String
        }
        // Text alone always encodes.
        return (try? JSONEncoder().encode(Document(error: message, state: answer.state.rawValue))) ?? Data()
    }

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <meta name="color-scheme" content="light dark">
        \(reload)<title>\(title)</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <h1>\(heading)</h1>
        <p>\(explanation)</p>
        </main>
        </body>
        </html>

        """
    }

    /// While the store is about to serve, the page looks by itself.
    private var reload: String {
        switch answer.state {
        case .starting, .changing, .restoring: "<meta http-equiv=\"refresh\" content=\"10\">\n"
        case .asleep, .unavailable, .unknown: ""
        }
    }

    private var title: String { answer.name.map { "\(Self.escaped($0.rawValue)): \(heading)" } ?? heading }

    private var heading: String {
        switch answer.state {
        case .asleep: "Closed for now"
        case .starting: "Opening soon"
        case .changing, .restoring: "Back in a moment"
        case .unavailable: "Not available at the moment"
        case .unknown: "No such store"
        }
    }

    private var explanation: String {
        let store = answer.name.map { "<strong>\(Self.escaped($0.rawValue))</strong>" } ?? "This address"
        return switch answer.state {
        case .asleep: "\(store) is asleep. Its owner can wake it at any time; please come back later."
        case .starting: "\(store) is being set up. This page looks again by itself every ten seconds."
        case .changing: "\(store) is being updated. This page looks again by itself every ten seconds."
        case .restoring: "\(store) is being restored from a backup. This page looks again by itself every ten seconds."
        case .unavailable: "\(store) cannot be reached at the moment. Please try again in a minute."
        case .unknown: "There is no store at this address. Please check how it is written."
        }
    }

    /// Text for an element or a quoted attribute.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }

    /// The page's own style may be applied, and nothing may load.
    static let contentSecurityPolicy: String = {
        let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()

    private static let style = """
        :root{color-scheme:light dark}\
        body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f6f7f9;color:#1b1f24;font:1.125rem/1.6 system-ui,sans-serif}\
        main{max-width:34rem;padding:2rem;overflow-wrap:anywhere}\
        h1{margin:0 0 .5rem;font-size:1.75rem;line-height:1.25}\
        p{margin:0}\
        @media (prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ed}}
        """
}
