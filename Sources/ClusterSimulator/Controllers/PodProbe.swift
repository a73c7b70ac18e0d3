/// When a kubelet asks a container how it is.
struct PodProbe {
    /// Seconds.
    let delay: Double
    let period: Double
    let failures: Int

    /// What a container without such a probe has: asked at once, and taken at its word.
    private static let none = PodProbe(delay: 0, period: 0, failures: 1)

    private init(delay: Double, period: Double, failures: Int) { (self.delay, self.period, self.failures) = (delay, period, failures) }

    private init?(_ probe: JSONValue) {
        guard !probe.isNull else { return nil }
        delay = probe["initialDelaySeconds"].double ?? 0
        period = probe["periodSeconds"].double ?? 10
        failures = probe["failureThreshold"].int ?? 3
    }

    /// The one that is asked first after a start.
    static func startup(of container: JSONValue) -> PodProbe {
        PodProbe(container["startupProbe"]) ?? PodProbe(container["readinessProbe"]) ?? none
    }

    static func readiness(of container: JSONValue) -> PodProbe { PodProbe(container["readinessProbe"]) ?? none }

    /// The first time from the start on at which it is asked and `time` has passed.
    func first(after time: Duration, _ second: Duration) -> Duration {
        let (begin, step) = (second * delay, second * period)
        guard step > .zero, time > begin else { return max(begin, time) }
        return begin + step * ((time - begin) / step).rounded(.up)
    }
}
