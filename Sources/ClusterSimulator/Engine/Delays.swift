/// How long the simulated cluster takes for what takes a real one time.
///
/// With the defaults a store of a database and an application is ready after about five to ten seconds.
package struct Delays: Sendable, Equatable {
    /// From a change to the controller that acts on it.
    package var control: Duration = .milliseconds(20)
    package var schedule: Duration = .milliseconds(150)
    /// Pulling an image that the node does not have.
    package var pull: Duration = .milliseconds(1500)
    /// From a container's creation to its start.
    package var start: Duration = .milliseconds(250)
    /// How long an init container runs.
    package var initialise: Duration = .milliseconds(500)
    /// From a container's start to its readiness.
    package var ready: Duration = .milliseconds(1000)
    /// How long a Job's container runs.
    package var job: Duration = .milliseconds(800)
    /// From a container's start to its crash, under the fault `crashLoop`.
    package var crash: Duration = .milliseconds(500)
    /// The first wait of a back-off; it doubles up to ten times this.
    package var backOff: Duration = .milliseconds(1000)
    /// From the stop signal to a container's end.
    package var terminate: Duration = .milliseconds(500)
    /// What passes for a second of those that objects name: probes' periods, graces, a hook's sleep.
    package var second: Duration = .seconds(1)
    /// Binding a volume claim.
    package var bind: Duration = .milliseconds(300)
    /// Publishing an Ingress or a LoadBalancer Service.
    package var publish: Duration = .milliseconds(300)
    /// From a namespace's deletion to the removal of its contents, and from there to its end.
    package var namespace: Duration = .milliseconds(400)
    /// Between the lines that a container which serves writes of its own accord.
    package var chatter: Duration = .seconds(2)

    package init() {}

    /// All delays divided by `speed`.
    package init(speed: Double) {
        for path in Self.all { self[keyPath: path] = self[keyPath: path] / speed }
    }

    static var all: [WritableKeyPath<Delays, Duration>] {
        [
            \.control, \.schedule, \.pull, \.start, \.initialise, \.ready, \.job, \.crash, \.backOff, \.terminate, \.second, \.bind,
            \.publish,
            \.namespace, \.chatter,
        ]
    }
}
