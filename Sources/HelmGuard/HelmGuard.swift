internal import CHelmGuard

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The supervisor that owns a Helm process group: single-threaded, without Foundation, and dead set on Helm's end.
///
/// Standard input carries, first, a line `<bytes> <fed at>` and that many bytes, which become Helm's standard input;
/// then a line for each acknowledged renewal with the time at which it was sent. Its end means: stop. A time that lies ahead of
/// the guard's own clock counts as now.
/// Standard output and error are Helm's. The guard exits when nothing of Helm's group is left, with Helm's exit status, or
/// 128 + the signal that ended it; 65 for a feed that is not of the form, 127 when Helm cannot be started, 143 when it was not
/// started because its time was over.
///
/// When the guard itself is killed, the kernel kills Helm (Linux only; see CHelmGuard.h). When the guard itself is *stopped*
/// (SIGSTOP, a frozen cgroup), it can protect nobody while its Helm runs on. What bounds that: the worker's lease is lost or given
/// back, its task is cancelled, and the worker sends the guard SIGTERM and, a KILL time later, SIGKILL, which ends a stopped guard and with it Helm.
/// Only when the guard is stopped and the worker is dead or stopped, too, is there but Helm's own `--timeout`.
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
        do throws(GuardFailure) {
            let error = helm_guard_open()
            guard error == 0 else { throw GuardFailure(status: 127, message: "no signals: \(String(cString: strerror(error)))") }
            var feed = GuardFeed()
            let start = try Self.start(of: &feed)
            return try supervise(&feed, from: start)
        } catch {
            let words = Array("helm-guard: \(error.message)\n".utf8)
            _ = write(2, words, words.count)
            return error.status
        }
    }

    private static func start(of feed: inout GuardFeed) throws(GuardFailure) -> (GuardFeed.Start, renewals: [UInt64]) {
        while true {
            let woken = helm_guard_wait(0, .max)
            guard woken & Int32(HELM_GUARD_STOP) == 0 else {
                throw GuardFailure(status: 128 + SIGTERM, message: "told to stop before there was anything to run")
            }
            guard woken & Int32(HELM_GUARD_FEED) != 0 else { continue }
            guard let bytes = readFeed() else { throw GuardFailure(status: 65, message: "the feed ended before its payload was whole") }
            do throws(GuardFeed.Malformed) {
                let renewals = try feed.take(bytes)
                if let start = feed.start { return (start, renewals) }
            } catch { throw GuardFailure(status: 65, message: error.message) }
        }
    }

    private func supervise(
        _ feed: inout GuardFeed,
        from first: (start: GuardFeed.Start, renewals: [UInt64])
    ) throws(GuardFailure) -> Int32 {
        var now = helm_guard_now()
        var deadlines = GuardDeadlines(termMilliseconds: term, killMilliseconds: kill, fedAt: min(first.start.fedAt, now))
        for time in first.renewals { deadlines.fed(min(time, now)) }
        // A worker that froze between asking and telling: its time is over before anything began.
        guard deadlines.action(at: now) == .none else {
            throw GuardFailure(status: 128 + SIGTERM, message: "the lease's time is over; \(command[0]) is not started")
        }
        let running = try GuardedCommand(command, input: first.start.payload)
        var feedIsOpen = true
        var sent = GuardDeadlines.Action.none
        while !running.hasEnded {
            let woken = helm_guard_wait(feedIsOpen ? 0 : -1, deadlines.next(after: now) ?? .max)
            now = helm_guard_now()
            if woken & Int32(HELM_GUARD_FEED) != 0 {
                if let bytes = Self.readFeed(), let times = try? feed.take(bytes) {
                    for time in times { deadlines.fed(min(time, now)) }
                } else {
                    // Its end, or what nobody can read: both mean that the worker is not to be counted on.
                    feedIsOpen = false
                    deadlines.end(at: now)
                }
            }
            if woken & Int32(HELM_GUARD_STOP) != 0 { deadlines.end(at: now) }
            let action = deadlines.action(at: now)
            if action > sent {
                running.signal(action == .kill ? SIGKILL : SIGTERM)
                sent = action
            }
        }
        return running.finish()
    }

    /// What there is on standard input; `nil` at its end.
    private static func readFeed() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(0, &bytes, bytes.count)
            if count > 0 { return Array(bytes.prefix(count)) }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }
}
