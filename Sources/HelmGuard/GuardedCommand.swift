internal import CHelmGuard

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The command in a process group of its own, with bytes as its standard input.
struct GuardedCommand {
    /// Its first process and the group.
    private let group: pid_t

    init(_ words: [String], input: [UInt8]) throws(GuardFailure) {
        let file = try Self.file(holding: input)
        defer { close(file) }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let process = helm_guard_spawn(&arguments, file)
        guard process > 0 else { throw GuardFailure(status: 127, message: "\(words[0]): \(Self.text(of: -process))") }
        group = process
    }

    var hasEnded: Bool { helm_guard_has_ended(group) }

    func signal(_ number: Int32) { _ = kill(-group, number) }

    /// Ends what is left of the group and waits for all of it; the exit status, or 128 + the signal.
    func finish() -> Int32 { helm_guard_finish(group) }

    /// A file without a name: bytes of any number, and never a pipe that is full.
    private static func file(holding bytes: [UInt8]) throws(GuardFailure) -> Int32 {
        var path = Array("/tmp/helm-guard-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        guard file >= 0 else { throw GuardFailure(status: 127, message: "no file for the input: \(text(of: errno))") }
        unlink(path)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = errno
                close(file)
                throw GuardFailure(status: 127, message: "the input cannot be kept: \(text(of: error))")
            }
            written += count
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func text(of error: Int32) -> String { String(cString: strerror(error)) }
}

/// Why nothing was run.
struct GuardFailure: Error {
    /// What the guard exits with.
    let status: Int32
    let message: String
}
