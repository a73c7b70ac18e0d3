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

    /// Runs the command to its end; the exit status.
    package func run() -> Int32 {
        // SIGTERM is looked for between polls; a closed pipe is an error, not an end.
        var watched = sigset_t()
        sigemptyset(&watched)
        sigaddset(&watched, SIGTERM)
        sigaddset(&watched, SIGINT)
        sigprocmask(SIG_BLOCK, &watched, nil)
        signal(SIGPIPE, SIG_IGN)

        guard var feed = GuardFeed(descriptor: 0) else { return 127 }
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
            for time in feed.poll(milliseconds: 10) { deadlines.fed(time) }
            if feed.hasEnded || Self.toldToStop(watched) { deadlines.end(at: GuardClock.now) }
            let action = deadlines.action(at: GuardClock.now)
            if action == .term, sent == .none { child.signalGroup(SIGTERM) }
            if action == .kill { child.signalGroup(SIGKILL) }
            if action != .none { sent = action }
        }
    }

    private static func toldToStop(_ watched: sigset_t) -> Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1
    }
}
