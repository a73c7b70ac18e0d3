#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The supervisor that owns a Helm process group: single-threaded, without Foundation, and dead set on Helm's end.
///
/// Standard input carries, first, a line `<bytes> <fed at>` and that many bytes, which become Helm's standard input;
/// then a line for each acknowledged renewal with the time at which it was sent. Its end means: stop.
/// Standard output and error are Helm's. The exit status is Helm's, or 128 + the signal that ended it.
///
/// A guard that is itself frozen cannot end anything: what bounds that is the settling time of the next holder, and that deletes
/// are bound to the objects that were seen.
package struct HelmGuard {
    private let term: UInt64
    private let kill: UInt64
    private let command: [String]

    /// `arguments`: `<term ms> <kill ms> -- command…`. `nil` when they are not of that form.
    package init?(arguments: [String]) {
        guard
            arguments.count >= 4, let term = UInt64(arguments[0]), let kill = UInt64(arguments[1]), term <= kill, kill < 86_400_000,
            arguments[2] == "--"
        else { return nil }
        self.term = term
        self.kill = kill
        command = Array(arguments[3...])
    }

    /// Runs the command to its end; the exit status. 127: it could not be started.
    package func run() -> Int32 {
        guard let signals = GuardSignals(), var feed = GuardFeed(descriptor: 0) else { return 127 }
        var deadlines = GuardDeadlines(termMilliseconds: term, killMilliseconds: kill, fedAt: feed.firstFedAt)
        // A worker that froze between asking and telling: its time is over before anything began.
        guard deadlines.action(at: GuardClock.now) == .none else { return 128 + SIGTERM }
        guard let child = GuardedChild(command: command, input: feed.payload) else { return 127 }
        var sent = GuardDeadlines.Action.none
        while true {
            if let status = child.statusIfEnded() {
                // What it left behind in its group ends with it.
                child.signalGroup(SIGKILL)
                return status
            }
            let action = deadlines.action(at: GuardClock.now)
            if action == .term, sent == .none { child.signalGroup(SIGTERM) }
            if action == .kill { child.signalGroup(SIGKILL) }
            if action != .none { sent = action }
            for time in feed.poll(milliseconds: patience(deadlines), beside: signals.descriptor) { deadlines.fed(time) }
            if signals.toldToStop() || feed.hasEnded { deadlines.end(at: GuardClock.now) }
        }
    }

    /// Until the next deadline. A second at most: the wait does not count the time that a machine is suspended, the deadlines do.
    private func patience(_ deadlines: GuardDeadlines) -> Int32 {
        let now = GuardClock.now
        let next = deadlines.nextChange(after: now)
        // What was killed is gone in a moment.
        guard next > now else { return 20 }
        return Int32(min(1_000, (next - now) / 1_000_000 + 1))
    }
}
