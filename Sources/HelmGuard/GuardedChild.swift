import CHelmGuard

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A command in a process group of its own, with bytes as its standard input. On Linux it dies with the guard, even when the guard is killed.
struct GuardedChild {
    private let pid: pid_t

    /// `nil` when it cannot be started.
    init?(command: [String], input: [UInt8]) {
        // A file without a name: bytes of any number, and never a pipe that is full.
        var template = Array("/tmp/helm-guard-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return nil }
        unlink(template)
        defer { close(file) }
        var written = 0
        while written < input.count {
            let count = input[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            written += count
        }
        lseek(file, 0, SEEK_SET)
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        pid = guarded_spawn(&arguments, file)
        guard pid > 0 else { return nil }
    }

    /// The exit status, or 128 + the signal; `nil` while it runs.
    func statusIfEnded() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    func signalGroup(_ signal: Int32) { _ = kill(-pid, signal) }
}
