import Foundation
import Testing

@testable import ThreadedIO

/// Two connected sockets, closed at the end of `body`.
private func withSockets(_ body: (Int32, Int32) throws -> Void) throws {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
    let kind = Int32(SOCK_STREAM.rawValue)
    #else
    let kind = SOCK_STREAM
    #endif
    try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    try body(ends[0], ends[1])
}

@Suite struct InterruptTests {
    @Test("a wait ends by the socket, by a raise, or by its deadline") func outcomes() throws {
        let interrupt = try WakeupPipe()
        try withSockets { near, far in
            #expect(interrupt.wait(for: .readable, on: near, until: .now + .milliseconds(1)) == .deadline)
            #expect(interrupt.wait(for: .writable, on: near, until: .now + .seconds(60)) == .ready)
            interrupt.raise()
            #expect(interrupt.wait(for: .readable, on: near, until: .now + .seconds(60)) == .interrupted)
            interrupt.clear()
            #expect(interrupt.wait(for: .readable, on: near, until: .now + .milliseconds(1)) == .deadline)
            var byte: UInt8 = 1
            #expect(write(far, &byte, 1) == 1)
            #expect(interrupt.wait(for: .readable, on: near, until: .now + .seconds(60)) == .ready)
        }
    }

    @Test("an idle mark is quiet only while its socket is silent") func idleMark() throws {
        let mark = IdleFlag()
        #expect(!mark.isQuiet)
        try withSockets { near, far in
            mark.set(near)
            #expect(mark.isQuiet)
            var byte: UInt8 = 1
            #expect(write(far, &byte, 1) == 1)
            #expect(!mark.isQuiet)
            mark.set(nil)
            #expect(!mark.isQuiet)
        }
    }
}

@Suite struct BrokenPipeTests {
    @Test("a write to a closed socket ends a process that did not ask to ignore it") func byDefault() async {
        await #expect(processExitsWith: .signal(SIGPIPE)) {
            signal(SIGPIPE, SIG_DFL)
            writeToClosedSocket()
        }
    }

    @Test("after ignoreBrokenPipes() it is an error") func ignored() async {
        await #expect(processExitsWith: .success) {
            ignoreBrokenPipes()
            writeToClosedSocket()
            #expect(errno == EPIPE)
        }
    }
}

private func writeToClosedSocket() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    close(ends[0])
    var byte: UInt8 = 1
    _ = write(ends[1], &byte, 1)
}
