#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The monotonic clock that counts the time a machine is suspended, by which leases are judged.
package enum BootClock {
    /// Nanoseconds since an arbitrary moment.
    package static var now: UInt64 {
        var time = timespec()
        #if canImport(Glibc)
        clock_gettime(CLOCK_BOOTTIME, &time)
        #else
        // Darwin's CLOCK_MONOTONIC goes on while the machine sleeps.
        clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
