package import Foundation

/// The web page's files, read once.
package struct DashboardFiles: Sendable {
    package struct File: Sendable {
        package let contentType: String
        package let content: Data
    }

    private let files: [String: File]

    /// Throws when the folder is missing beside the executable.
    package init() throws {
        guard let folder = Bundle.module.url(forResource: "Public", withExtension: nil) else { throw CocoaError(.fileNoSuchFile) }
        var files: [String: File] = [:]
        for url in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard let type = Self.types[url.pathExtension] else { continue }
            files["/" + url.lastPathComponent] = File(contentType: type, content: try Data(contentsOf: url))
        }
        files["/"] = files["/index.html"]
        self.files = files
    }

    /// `path` as in the request, e.g. `/` or `/app.js`.
    package subscript(path: String) -> File? { files[path] }

    package var paths: [String] { files.keys.sorted() }

    private static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
        "svg": "image/svg+xml",
    ]
}
