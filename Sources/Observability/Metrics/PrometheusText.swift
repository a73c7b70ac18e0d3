/// Lines of Prometheus's text format.
struct PrometheusText {
    private(set) var lines = ""

    mutating func head(_ name: String, _ entry: MetricCatalogue.Entry) {
        lines += "# HELP \(name) \(entry.help)\n# TYPE \(name) \(entry.kind.word)\n"
    }

    /// `labels` as `labels(_:)` wrote them.
    mutating func line(_ name: String, _ labels: String, _ value: Double) {
        lines += name + (labels.isEmpty ? "" : "{\(labels)}") + " " + Self.number(value) + "\n"
    }

    mutating func histogram(_ name: String, _ labels: String, _ bounds: [Double], _ state: HistogramSeries.State) {
        let others = labels.isEmpty ? "" : labels + ","
        var count: Int64 = 0
        for (place, number) in state.counts.enumerated() {
            count += number
            let bound = place < bounds.count ? Self.number(bounds[place]) : "+Inf"
            line(name + "_bucket", others + "le=\"\(bound)\"", Double(count))
        }
        line(name + "_sum", labels, state.sum)
        line(name + "_count", labels, Double(count))
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
