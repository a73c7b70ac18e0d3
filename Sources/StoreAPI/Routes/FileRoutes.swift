import Crypto
import Dashboard
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The dashboard and the API's own document.
struct FileRoutes: Sendable {
    let dashboard: DashboardFiles
    let document: Data

    init() throws {
        dashboard = try DashboardFiles()
        guard let url = Bundle.module.url(forResource: "OpenAPI/openapi", withExtension: "yaml") else { throw CocoaError(.fileNoSuchFile) }
        document = try Data(contentsOf: url)
    }

    func add(to table: inout RouteTable) {
        for path in dashboard.paths {
            guard let file = dashboard[path] else { continue }
            serve(file.content, type: file.contentType, at: path, in: &table)
        }
        serve(document, type: "application/yaml; charset=utf-8", at: "/openapi.yaml", in: &table)
    }

    private func serve(_ content: Data, type: String, at path: String, in table: inout RouteTable) {
        let tag = "\"" + SHA256.hash(data: content).prefix(12).map { String($0, radix: 36) }.joined() + "\""
        let body = ByteBuffer(bytes: content)
        let headers: HTTPFields = [
            .contentType: type, .eTag: tag, .cacheControl: "no-cache",
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
        table.on(.get, path) { request, _ in
            if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
        }
    }
}
