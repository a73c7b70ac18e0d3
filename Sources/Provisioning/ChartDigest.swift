import Cluster
import Crypto
import Foundation
import StoreDomain

/// Tells whether a release was made of the same chart and values, beside the same copies of the installation's Secrets: 40 hex digits,
/// which fit a label.
enum ChartDigest {
    /// `values`: all of them, so that the chart's files of values say nothing more.
    static func of(chart: String, values: JSON, secrets: [SharedSecret] = []) throws -> String {
        var hash = SHA256()
        let files = (FileManager.default.subpaths(atPath: chart) ?? []).sorted()
        guard files.contains("Chart.yaml") else {
            throw ClusterError(code: .configuration, message: "There is no chart at \(chart).")
        }
        for file in files where !(file.hasPrefix("values") && file.hasSuffix(".yaml")) {
            guard let content = FileManager.default.contents(atPath: chart + "/" + file) else { continue }
            hash.update(data: Data(file.utf8))
            hash.update(data: content)
        }
        hash.update(data: try values.data())
        // Nothing where there are none: stores without are not applied anew.
        if !secrets.isEmpty { hash.update(data: try SharedSecret.digest(of: secrets)) }
        return hash.finalize().prefix(20).hex
    }
}
