#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HelmGuard

guard let supervisor = HelmGuard(arguments: Array(CommandLine.arguments.dropFirst())) else {
    let usage = Array("usage: helm-guard TERM_MS KILL_MS -- COMMAND…\n".utf8)
    _ = write(2, usage, usage.count)
    exit(64)
}
exit(supervisor.run())
