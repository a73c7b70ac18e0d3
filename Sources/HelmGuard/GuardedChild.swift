#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A command in a process group of its own, with bytes as its standard input.
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

        // Linux: Helm dies with the guard, even when the guard is killed. setpriv (util-linux) sets it between fork and exec.
        var words = command
        #if os(Linux)
        if access("/usr/bin/setpriv", X_OK) == 0 { words = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] + command }
        #endif

        #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #else
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, file, 0)
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawnp(&child, words[0], &actions, &attributes, &arguments, environ) == 0 else { return nil }
        pid = child
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
