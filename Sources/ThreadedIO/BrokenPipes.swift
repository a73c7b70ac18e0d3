#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Makes a write to a closed socket an error instead of the process's end. An executable's first statement:
/// hiredis writes without MSG_NOSIGNAL. Children start with the default again.
package func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
}
