import Foundation
import StoreDomain

/// Usage as CSV (RFC 4180).
package enum UsageSheet {
    private struct Column {
        let head: String
        let text: (MonthlyUsage) -> String
    }

    private static func columns() -> [Column] {
        var columns = [
            Column(head: "month") { $0.month }, Column(head: "owner") { $0.owner ?? "" },
            Column(head: "store") { $0.store?.rawValue ?? "" },
            Column(head: "slug") { $0.slug ?? "" },
        ]
        for plan in StorePlan.allCases { columns.append(Column(head: "awake_hours_\(plan)") { "\($0.awakeHours[plan] ?? 0)" }) }
        for plan in StorePlan.allCases { columns.append(Column(head: "asleep_hours_\(plan)") { "\($0.asleepHours[plan] ?? 0)" }) }
        columns.append(Column(head: "volume_gib_hours") { "\($0.volumeGiBHours)" })
        columns.append(Column(head: "backup_gib_hours") { "\($0.backupGiBHours)" })
        return columns
    }

    package static func text(_ rows: [MonthlyUsage]) -> String {
        let columns = columns()
        let lines = [columns.map(\.head)] + rows.map { row in columns.map { cell($0.text(row)) } }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// A name is somebody's own text: a spreadsheet must not take it for a formula, nor for more than one cell.
    private static func cell(_ text: String) -> String {
        let line = text.inOneLine
        let inert = "=+-@".contains(line.first ?? " ") ? "'" + line : line
        guard inert.contains(where: { "\",'".contains($0) }) else { return inert }
        return "\"" + inert.replacing("\"", with: "\"\"") + "\""
    }
}
