/// Rows of one kind, and which of their values are columns for people.
struct Table<Row> {
    struct Column {
        /// The member's name in JSON.
        let key: String
        /// The column's head; `nil`: in JSON only.
        let title: String?
        let value: (Row) -> Value

        init(_ key: String, _ title: String? = nil, _ value: @escaping (Row) -> Value) {
            self.key = key
            self.title = title
            self.value = value
        }
    }

    let columns: [Column]

    func object(_ row: Row) -> Value { .object(columns.map { ($0.key, $0.value(row)) }) }

    /// Prints all rows: a line of JSON with an array, or aligned columns below their heads.
    func show(_ rows: [Row], json: Bool, nothing: String) {
        if json { return print(Value.list(rows.map(object)).json) }
        if rows.isEmpty { return print(nothing) }
        print(text(rows))
    }

    /// Prints one row: a JSON object, or a line for each member that has a value.
    func show(_ row: Row, json: Bool) {
        if json { return print(object(row).json) }
        let width = columns.map(\.key.count).max() ?? 0
        for column in columns {
            let value = column.value(row)
            if case .missing = value { continue }
            print(Self.padded(column.key, width) + "  " + value.plain)
        }
    }

    func text(_ rows: [Row]) -> String {
        let shown = columns.filter { $0.title != nil }
        var lines = [shown.map { $0.title ?? "" }]
        lines += rows.map { row in shown.map { $0.value(row).plain } }
        let widths = shown.indices.map { place in lines.map { $0[place].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.enumerated().map { place, cell in place == line.count - 1 ? cell : Self.padded(cell, widths[place]) }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}
