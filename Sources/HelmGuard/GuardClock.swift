#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The monotonic clock that counts suspension, in nanoseconds. The worker feeds times of the same clock.
enum GuardClock {
    static var now: UInt64 {
        var time = timespec()
        #if canImport(Glibc)
        clock_gettime(CLOCK_BOOTTIME, &time)
        #else
        clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
