import Crypto
import Dashboard
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore

/// The dashboard and the API's own document.
struct FileRoutes: Sendable {
    private let page: ServedFile
    private let assets: [String: ServedFile]
    private let document: ServedFile
    private let documentPage: DocumentPage

    init() throws {
        let dashboard = try DashboardFiles()
        guard let url = Bundle.module.url(forResource: "OpenAPI/openapi", withExtension: "yaml") else { throw CocoaError(.fileNoSuchFile) }
        page = ServedFile(dashboard.page, isImmutable: false)
        assets = dashboard.assets.mapValues { ServedFile($0, isImmutable: true) }
        let text = try Data(contentsOf: url)
        document = ServedFile(text, type: "application/yaml; charset=utf-8", gzipped: nil, isImmutable: false)
        documentPage = DocumentPage(document: String(decoding: text, as: UTF8.self))
    }

    func add(to table: inout RouteTable) {
        // The page has one file and several addresses; which of its views is shown, it decides itself.
        for path in ["/", "/operator"] { table.on(.get, path, for: .open) { request, _ in page.answer(request) } }
        table.on(.get, "/assets/:file", for: .open) { request, context in
            guard let name = context.parameters.get("file"), let file = assets[name] else {
                throw APIError(.notFound, "No such file; a newer version of the page may be there: reload it")
            }
            return file.answer(request)
        }
        table.on(.get, "/openapi.yaml", for: .open) { request, _ in document.answer(request) }
        table.on(.get, "/docs", for: .open) { request, _ in try documentPage.file().answer(request) }
    }
}

/// One file with what goes before it over the wire.
struct ServedFile: Sendable {
    private let plain: ByteBuffer
    private let gzipped: ByteBuffer?
    private let tag: String
    private let headers: HTTPFields

    init(_ file: DashboardFiles.File, isImmutable: Bool) {
        self.init(file.content, type: file.contentType, gzipped: file.gzipped, isImmutable: isImmutable)
    }

    /// `isImmutable`: what has this address never changes. `style`: whence its style may come, as the content security policy has it.
    init(_ content: Data, type: String, gzipped: Data?, isImmutable: Bool, style: String = "'self'") {
        plain = ByteBuffer(bytes: content)
        self.gzipped = gzipped.map { ByteBuffer(bytes: $0) }
        tag = SHA256.hash(data: content).prefix(12).map { String($0, radix: 36) }.joined()
        headers = [
            .contentType: type,
            .cacheControl: isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src \(style); img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
    }

    func answer(_ request: Request) -> Response {
        let packed = request.takesGzip ? gzipped : nil
        var headers = headers
        // A tag names these very bytes, so each form has its own.
        headers[.eTag] = packed == nil ? "\"\(tag)\"" : "\"\(tag)-gzip\""
        if gzipped != nil { headers[.vary] = "Accept-Encoding" }
        if request.headers[.ifNoneMatch] == headers[.eTag] { return Response(status: .notModified, headers: headers) }
        if packed != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: packed ?? plain))
    }
}

extension Request {
    /// By RFC 9110, 12.5.3: gzip is named, and not with a weight of zero.
    fileprivate var takesGzip: Bool {
        (headers[.acceptEncoding] ?? "").lowercased().split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard parts.first == "gzip" || parts.first == "*" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
        }
    }
}
