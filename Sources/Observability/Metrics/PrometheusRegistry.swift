package import CoreMetrics
import Synchronization

/// One value that is read at the time of a scrape.
package struct Sample: Sendable {
    package let name: String
    package let labels: [(String, String)]
    package let value: Double

    package init(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    /// A pool of connections.
    package static func pool(_ name: String, idle: Int, lent: Int, waiting: Int) -> [Sample] {
        [
            Sample("storeweaver_pool_connections", [("pool", name), ("state", "idle")], Double(idle)),
            Sample("storeweaver_pool_connections", [("pool", name), ("state", "lent")], Double(lent)),
            Sample("storeweaver_pool_waiting", [("pool", name)], Double(waiting)),
        ]
    }
}

/// Keeps what the process counts, and writes it in Prometheus's text format (0.0.4).
///
/// Libraries count by swift-metrics and know nothing of this. What `MetricCatalogue` does not list is let go.
package final class PrometheusRegistry: MetricsFactory {
    package typealias Collector = @Sendable () async -> [Sample]

    private enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    /// By metric, then by labels as they are written.
    private struct State {
        var series: [String: [String: Series]] = [:]
        var collectors: [Collector] = []
    }

    private let catalogue: MetricCatalogue
    private let state = Mutex(State())

    package init(catalogue: MetricCatalogue = .standard) { self.catalogue = catalogue }

    /// Asked for each scrape. What takes long must bound itself.
    package func collect(_ collector: @escaping Collector) { state.withLock { $0.collectors.append(collector) } }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let fresh = CounterSeries()
        guard case .counter(let known)? = series(label, dimensions, .counter(fresh)) else { return fresh }
        return known
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) }
        return gauge(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { gauge(label, dimensions) }
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { histogram(label, dimensions) }
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        let fresh = GaugeSeries()
        guard case .gauge(let known)? = series(label, dimensions, .gauge(fresh)) else { return fresh }
        return known
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        var bounds: [Double] = []
        if case .histogram(let listed)? = catalogue.entries[label]?.kind { bounds = listed }
        let fresh = HistogramSeries(bounds: bounds)
        guard case .histogram(let known)? = series(label, dimensions, .histogram(fresh)) else { return fresh }
        return known
    }

    /// The series of these labels, which is `fresh` from now on if there was none; `nil` when the metric is not listed.
    private func series(_ label: String, _ dimensions: [(String, String)], _ fresh: Series) -> Series? {
        guard catalogue.entries[label] != nil else { return nil }
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            if let known = state.series[label]?[labels] { return known }
            state.series[label, default: [:]][labels] = fresh
            return fresh
        }
    }

    /// Everything there is, by name.
    package func text() async -> String {
        let (series, collectors) = state.withLock { ($0.series, $0.collectors) }
        var collected: [String: [Sample]] = [:]
        for collector in collectors {
            for sample in await collector() { collected[sample.name, default: []].append(sample) }
        }
        var text = PrometheusText()
        for (name, entry) in catalogue.entries.sorted(by: { $0.key < $1.key }) {
            let own = series[name] ?? [:]
            let samples = collected[name] ?? []
            if own.isEmpty, samples.isEmpty { continue }
            text.head(name, entry)
            for (labels, one) in own.sorted(by: { $0.key < $1.key }) {
                switch one {
                case .counter(let counter): text.line(name, labels, Double(counter.value))
                case .gauge(let gauge): text.line(name, labels, gauge.value)
                case .histogram(let histogram): text.histogram(name, labels, histogram.bounds, histogram.current)
                }
            }
            for sample in samples { text.line(name, PrometheusText.labels(sample.labels), sample.value) }
        }
        return text.lines
    }
}
