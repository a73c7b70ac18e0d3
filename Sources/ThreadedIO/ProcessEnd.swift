#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ends the process at once, with what was printed. The libraries' own clean-up at exit would meet connections that other threads are still closing.
package func endProcess(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
}
