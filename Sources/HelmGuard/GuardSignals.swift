import CHelmGuard

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The signals that the guard waits for, as bytes of a pipe.
struct GuardSignals {
    let descriptor: Int32

    /// `nil` when there is no pipe left.
    init?() {
        descriptor = guarded_signals()
        guard descriptor >= 0 else { return nil }
        // A worker that is gone is seen at the end of the feed.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether somebody told the guard to stop. A child's end is looked for in any case.
    func toldToStop() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 && bytes[..<count].contains { Int32($0) != SIGCHLD }
    }
}
