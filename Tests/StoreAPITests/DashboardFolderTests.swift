import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@Suite struct DashboardFolderTests {
    @Test("DASHBOARD_DIR serves a folder's files as they are at each request, and lets nobody keep them") func folder() async throws {
        try await withFolder { folder in
            try write("<p>one</p>", to: "index.html", in: folder)
            try write("one()", to: "app.js", in: folder)
            try await withAPI(["DASHBOARD_DIR": folder.path]) { client, _ in
                for text in ["one", "two"] {
                    try write("<p>\(text)</p>", to: "index.html", in: folder)
                    try write("\(text)()", to: "app.js", in: folder)
                    for (path, body) in [("/", "<p>\(text)</p>"), ("/operator", "<p>\(text)</p>"), ("/assets/app.js", "\(text)()")] {
                        let response = try await client.execute(uri: path, method: .get)
                        #expect(response.status == .ok && String(buffer: response.body) == body, "\(path)")
                        #expect(response.headers[.cacheControl] == "no-store", "\(path)")
                    }
                }
            }
        }
    }

    @Test("what is not in the folder of DASHBOARD_DIR is not served") func others() async throws {
        try await withFolder { folder in
            try write("secret", to: "notes.txt", in: folder)
            try await withAPI(["DASHBOARD_DIR": folder.path]) { client, _ in
                for path in ["/assets/notes.txt", "/assets/app.js", "/assets/..%2Findex.html"] {
                    let status = try await client.execute(uri: path, method: .get).status
                    #expect(status == .notFound, "\(path)")
                }
                let page = String(buffer: try await client.execute(uri: "/", method: .get).body)
                #expect(page.contains("scripts/dashboard"), "a folder without a page gets the one that tells how to build it")
            }
        }
    }

    @Test("without DASHBOARD_DIR browsers keep a copy of the page and ask whether it is the newest") func bundled() async throws {
        try await withAPI { client, _ in
            let page = try await client.execute(uri: "/", method: .get)
            #expect(page.headers[.cacheControl] == "no-cache")
        }
    }

    @Test("DASHBOARD_DIR must name a folder that is there", arguments: ["/nowhere/at/all", #filePath]) func refused(_ path: String) {
        #expect { try settings(["DASHBOARD_DIR": path]) } throws: {
            "\($0)" == "DASHBOARD_DIR must be the path of a folder that is there, not \"\(path)\""
        }
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dashboard-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }
}

private func write(_ text: String, to name: String, in folder: URL) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
}
