import CoreMetrics
import Testing

@testable import Observability

@Suite struct RegistryTests {
    private let registry = PrometheusRegistry(
        catalogue: MetricCatalogue(entries: [
            "things_total": .init(kind: .counter, help: "Things."), "level": .init(kind: .gauge, help: "A level."),
            "run_seconds": .init(kind: .histogram(bounds: [0.1, 1]), help: "Runs."),
        ])
    )

    @Test("counters, gauges and histograms are written in Prometheus's format, by name and labels") func text() async {
        Counter(label: "things_total", dimensions: [("kind", "b")], factory: registry).increment(by: 2)
        Counter(label: "things_total", dimensions: [("kind", "a\"\\\n")], factory: registry).increment()
        Counter(label: "things_total", dimensions: [("kind", "b")], factory: registry).increment()
        Gauge(label: "level", factory: registry).record(2.5)
        let timer = Timer(label: "run_seconds", factory: registry)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(500)
        timer.recordSeconds(60)
        #expect(
            await registry.text() == """
                # HELP level A level.
                # TYPE level gauge
                level 2.5
                # HELP run_seconds Runs.
                # TYPE run_seconds histogram
                run_seconds_bucket{le="0.1"} 1
                run_seconds_bucket{le="1"} 2
                run_seconds_bucket{le="+Inf"} 3
                run_seconds_sum 60.6
                run_seconds_count 3
                # HELP things_total Things.
                # TYPE things_total counter
                things_total{kind="a\\"\\\\\\n"} 1
                things_total{kind="b"} 3

                """
        )
    }

    @Test("what is not in the catalogue is let go, and what has no value is not written") func unlisted() async {
        Counter(label: "secret_total", factory: registry).increment()
        #expect(await registry.text() == "")
    }

    @Test("collectors are asked for each scrape") func collectors() async {
        registry.collect { [Sample("level", [("of", "x")], 1), Sample("nowhere", [], 2)] }
        #expect(await registry.text().hasSuffix("level{of=\"x\"} 1\n"))
    }

    @Test("a meter goes up and down, from several tasks at once") func meter() async {
        let meter = Meter(label: "level", factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { meter.increment(by: 1) } } }
        }
        meter.decrement(by: 1)
        #expect(await registry.text().hasSuffix("level 7999\n"))
    }
}
