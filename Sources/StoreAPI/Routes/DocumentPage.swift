import Crypto
import Foundation
import Synchronization
import Yams

/// The API's document as a page to read: without scripts, and with nothing from elsewhere. Made when it is first asked for.
final class DocumentPage: Sendable {
    private let document: String
    private let made = Mutex<ServedFile?>(nil)

    init(document: String) { self.document = document }

    /// Throws when the document is no YAML, which the tests know before anybody asks.
    func file() throws -> ServedFile {
        try made.withLock { made in
            if let made { return made }
            let page = Data(try Self.html(of: document).utf8)
            let hash = Data(SHA256.hash(data: Data(Self.style.utf8))).base64EncodedString()
            let file = ServedFile(page, type: "text/html; charset=utf-8", gzipped: nil, caching: .revalidated, style: "'sha256-\(hash)'")
            made = file
            return file
        }
    }

    static func html(of document: String) throws -> String {
        guard let root = try Yams.load(yaml: document) as? Members else { throw CocoaError(.fileReadCorruptFile) }
        var page = """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Store Weaver: the API</title><style>\(style)</style>
            <h1>The API of Store Weaver</h1>\(paragraph((root["info"] as? Members)?["description"]))
            <p>For programs: <a href="/openapi.yaml">openapi.yaml</a>.</p>
            """
        for case (let path as String, let operations as Members) in (root["paths"] as? Members ?? [:]).sorted(by: {
            "\($0.key)" < "\($1.key)"
        }) {
            for method in ["get", "post", "put", "patch", "delete"] {
                guard let operation = operations[method] as? Members else { continue }
                page += section(method, path, operation, shared: operations["parameters"] as? [Any] ?? [], in: root)
            }
        }
        return page + "</html>\n"
    }

    private typealias Members = [AnyHashable: Any]

    private static func section(_ method: String, _ path: String, _ operation: Members, shared: [Any], in root: Members) -> String {
        var text = "<section id=\"\(escaped(operation["operationId"]))\"><h2><b>\(method.uppercased())</b> \(escaped(path))</h2>"
        text += paragraph(operation["summary"]) + paragraph(operation["description"])
        let parameters = (shared + (operation["parameters"] as? [Any] ?? [])).compactMap { resolved($0, in: root) }
        if !parameters.isEmpty {
            text += "<table><tr><th>parameter<th>in<th>"
            for it in parameters {
                text += "<tr><td><code>\(escaped(it["name"]))</code><td>\(escaped(it["in"]))<td>\(escaped(it["description"]))"
            }
            text += "</table>"
        }
        if let body = resolved(operation["requestBody"], in: root) { text += content(of: body, named: "Body", in: root) }
        for (status, answer) in (operation["responses"] as? Members ?? [:]).sorted(by: { "\($0.key)" < "\($1.key)" }) {
            guard "\(status)".hasPrefix("2"), let answer = resolved(answer, in: root) else { continue }
            text += content(of: answer, named: "\(status) \(answer["description"] ?? "")", in: root)
        }
        let refusals = (operation["responses"] as? Members ?? [:]).keys.map { "\($0)" }.filter { $0 >= "400" }.sorted()
        return text + "<p>Refusals: \(refusals.joined(separator: ", "))</p></section>"
    }

    /// The fields of a body or an answer, and its example.
    private static func content(of holder: Members, named name: String, in root: Members) -> String {
        var text = "<h3>\(escaped(name))</h3>"
        for (type, media) in (holder["content"] as? Members ?? [:]).sorted(by: { "\($0.key)" < "\($1.key)" }) {
            guard let media = media as? Members else { continue }
            let fields = (resolved(media["schema"], in: root)?["properties"] as? Members ?? [:]).sorted { "\($0.key)" < "\($1.key)" }
            if !fields.isEmpty {
                text += "<table><tr><th>field<th>"
                for (field, schema) in fields {
                    text += "<tr><td><code>\(escaped(field))</code><td>\(escaped(resolved(schema, in: root)?["description"]))"
                }
                text += "</table>"
            }
            let first = ((media["examples"] as? Members)?.values.first as? Members)?["value"]
            if let example = media["example"] ?? first { text += "<pre>\(escaped(type))\n\(escaped(rendered(example)))</pre>" }
        }
        return text
    }

    private static func rendered(_ example: Any) -> String {
        if let text = example as? String { return text }
        guard
            let data = try? JSONSerialization.data(
                withJSONObject: example,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            )
        else { return "\(example)" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Itself, or what its `$ref` names.
    private static func resolved(_ value: Any?, in root: Members) -> Members? {
        guard let object = value as? Members, let reference = object["$ref"] as? String else { return value as? Members }
        return reference.split(separator: "/").dropFirst().reduce(Optional(root)) { $0?[String($1)] as? Members }
    }

    private static func paragraph(_ text: Any?) -> String { text.map { "<p>\(escaped($0))</p>" } ?? "" }

    private static func escaped(_ text: Any?) -> String {
        "\(text ?? "")".replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }

    private static let style = """
        body{max-width:52rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark}section{border-top:1px solid}\
        h2{font-size:1.1rem;font-family:monospace}h3{font-size:1rem}table{border-collapse:collapse}td,th{padding:.1rem .8rem .1rem 0;text-align:left;\
        vertical-align:top}pre{overflow:auto;padding:.5rem;border:1px solid}
        """
}
