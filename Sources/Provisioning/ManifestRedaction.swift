/// A release's manifest as people may see it: the values of Secrets become `<redacted>`.
enum ManifestRedaction {
    static func redact(_ manifest: String) -> String {
        documents(of: manifest).map { document in
            document.contains { $0.hasPrefix("kind:") && $0.contains("Secret") } ? redacted(document) : document
        }.joined(separator: ["---"]).joined(separator: "\n")
    }

    private static func documents(of manifest: String) -> [[Substring]] {
        manifest.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "---", omittingEmptySubsequences: false).map(
            Array.init
        )
    }

    private static func redacted(_ document: [Substring]) -> [Substring] {
        var inData = false
        return document.compactMap { line in
            if !line.hasPrefix(" ") { inData = line.hasPrefix("data:") || line.hasPrefix("stringData:") }
            guard inData, line.hasPrefix("  ") else { return line }
            // A key of the block; what is deeper is the rest of a value.
            guard !line.hasPrefix("   "), let colon = line.firstIndex(of: ":") else { return nil }
            return line[...colon] + " <redacted>"
        }
    }
}
