import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What one measurement cost this process, printed as a line of JSON.
struct Report {
    private let began = ContinuousClock.now
    private let cpu = Report.cpuSeconds

    /// `count`: of whatever was measured. `more`: further figures.
    func end(_ count: Int, _ more: [String: Double] = [:]) throws {
        let seconds = Report.seconds(ContinuousClock.now - began)
        var figures = more
        figures["count"] = Double(count)
        figures["seconds"] = seconds
        figures["per_second"] = Double(count) / seconds
        figures["cpu_us"] = (Report.cpuSeconds - cpu) * 1e6 / Double(count)
        print(String(decoding: try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys), as: UTF8.self))
    }

    /// `p50_ms`, `p99_ms` and `most_ms`.
    static func percentiles(of times: [Duration], prefix: String = "") -> [String: Double] {
        let sorted = times.map { seconds($0) * 1_000 }.sorted()
        guard let most = sorted.last else { return [:] }
        return [
            prefix + "p50_ms": sorted[sorted.count / 2], prefix + "p99_ms": sorted[min(sorted.count - 1, sorted.count * 99 / 100)],
            prefix + "most_ms": most,
        ]
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// User and system time of this process so far.
    private static var cpuSeconds: Double {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
