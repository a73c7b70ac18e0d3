import CoreMetrics
import HTTPTypes
import Metrics
import Synchronization

/// The timers of routes, each made once: making one costs more than recording.
final class RequestTimers: Sendable {
    struct Key: Hashable {
        let route: String
        let method: HTTPRequest.Method
        let status: Int
    }

    private let timers = Mutex<[Key: Timer]>([:])

    func record(_ key: Key, _ duration: Duration) {
        let timer = timers.withLock { timers in
            if let known = timers[key] { return known }
            let timer = Timer(
                label: "storeweaver_http_request_seconds",
                dimensions: [("route", key.route), ("method", key.method.rawValue), ("status", String(key.status))]
            )
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
