package import Foundation

/// The web page's files, as they were when this was made.
package struct DashboardFiles: Sendable {
    package struct File: Sendable {
        package let contentType: String
        package let content: Data
        /// The same, compressed by gzip when it was built; `nil` where that was not done.
        package let gzipped: Data?
    }

    /// The page itself, for each of its addresses; one that tells how to build it where that was not done.
    package let page: File
    /// What the page loads, by name. A name contains a hash of the content, so what has a name never changes.
    package let assets: [String: File]

    /// Those of the folder, else those that were built with the program. Throws when a file cannot be read, above all when the program's
    /// own are missing beside the executable.
    package init(folder: URL? = nil) throws {
        guard let own = Bundle.module.url(forResource: "Public", withExtension: nil) else { throw CocoaError(.fileNoSuchFile) }
        var files = try Self.files(in: folder ?? own.appendingPathComponent("built"))
        let built = files.removeValue(forKey: "index.html")
        page = try built ?? Self.file(own.appendingPathComponent("unbuilt.html"), type: Self.html)
        assets = files
    }

    private static func files(in folder: URL) throws -> [String: File] {
        var files: [String: File] = [:]
        guard FileManager.default.fileExists(atPath: folder.path) else { return [:] }
        for url in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard let type = types[url.pathExtension] else { continue }
            files[url.lastPathComponent] = try file(url, type: type)
        }
        return files
    }

    private static func file(_ url: URL, type: String) throws -> File {
        let packed = url.appendingPathExtension("gz")
        let gzipped = FileManager.default.fileExists(atPath: packed.path) ? try Data(contentsOf: packed) : nil
        return File(contentType: type, content: try Data(contentsOf: url), gzipped: gzipped)
    }

    private static let html = "text/html; charset=utf-8"
    private static let types = ["html": html, "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"]
}
