import Crypto
import Dashboard
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore

/// The dashboard and the API's own document.
struct FileRoutes: Sendable {
    private let dashboard: ServedDashboard
    /// Where the dashboard is read anew at each request.
    private let folder: URL?
    private let document: ServedFile
    private let documentPage: DocumentPage

    init(dashboardFolder: URL?) throws {
        guard let url = Bundle.module.url(forResource: "OpenAPI/openapi", withExtension: "yaml") else { throw CocoaError(.fileNoSuchFile) }
        dashboard = try ServedDashboard(DashboardFiles())
        folder = dashboardFolder
        let text = try Data(contentsOf: url)
        document = ServedFile(text, type: "application/yaml; charset=utf-8", gzipped: nil, caching: .revalidated)
        documentPage = DocumentPage(document: String(decoding: text, as: UTF8.self))
    }

    func add(to table: inout RouteTable) {
        // The page has one file and several addresses; which of its views is shown, it decides itself.
        for path in ["/", "/stores/:slug", "/operator"] {
            table.on(.get, path, for: .open) { request, _ in try currentDashboard().page.answer(request) }
        }
        table.on(.get, "/assets/:file", for: .open) { request, context in
            guard let name = context.parameters.get("file"), let file = try currentDashboard().assets[name] else {
                throw APIError(.notFound, "No such file; a newer version of the page may be there: reload it")
            }
            return file.answer(request)
        }
        table.on(.get, "/openapi.yaml", for: .open) { request, _ in document.answer(request) }
        table.on(.get, "/docs", for: .open) { request, _ in try documentPage.file().answer(request) }
    }

    /// The page, which says that nothing has the address.
    @Sendable func notFound(_ request: Request) throws -> Response {
        var response = try currentDashboard().page.answer(request)
        if response.status == .ok { response.status = .notFound }
        return response
    }

    private func currentDashboard() throws -> ServedDashboard {
        guard let folder else { return dashboard }
        return try ServedDashboard(DashboardFiles(folder: folder), pageCaching: .never, assetCaching: .never)
    }
}

private struct ServedDashboard: Sendable {
    let page: ServedFile
    let assets: [String: ServedFile]

    init(_ files: DashboardFiles, pageCaching: ServedFile.Caching = .revalidated, assetCaching: ServedFile.Caching = .immutable) {
        page = ServedFile(files.page, caching: pageCaching)
        assets = files.assets.mapValues { ServedFile($0, caching: assetCaching) }
    }
}

/// One file with what goes before it over the wire.
struct ServedFile: Sendable {
    /// The raw value is the header's.
    enum Caching: String {
        /// What has this address never changes.
        case immutable = "public, max-age=31536000, immutable"
        /// A copy is asked about before it is used.
        case revalidated = "no-cache"
        case never = "no-store"
    }

    private let plain: ByteBuffer
    private let gzipped: ByteBuffer?
    private let tag: String
    private let headers: HTTPFields

    init(_ file: DashboardFiles.File, caching: Caching) {
        self.init(file.content, type: file.contentType, gzipped: file.gzipped, caching: caching)
    }

    /// `style`: whence its style may come, as the content security policy has it.
    init(_ content: Data, type: String, gzipped: Data?, caching: Caching, style: String = "'self'") {
        plain = ByteBuffer(bytes: content)
        self.gzipped = gzipped.map { ByteBuffer(bytes: $0) }
        tag = SHA256.hash(data: content).prefix(12).map { String($0, radix: 36) }.joined()
        headers = [
            .contentType: type,
            .cacheControl: caching.rawValue,
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
