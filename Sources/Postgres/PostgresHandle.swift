import CLibpq
import Foundation
import Synchronization
import ThreadedIO

/// Owns libpq's connection and ends it with itself. Used on one thread only.
@safe final class PostgresHandle {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe PQfinish(raw) }

    /// Connects within the limit to the first host and address that takes writes, each of which gets its share of the time; then sets the session's
    /// settings. The connection is non-blocking then. `interrupt` ends the attempt.
    static func connect(
        _ configuration: PostgresConfiguration,
        interrupt: WakeupPipe,
        until limit: ContinuousClock.Instant
    ) throws(PostgresError) -> PostgresHandle {
        var candidates = configuration.hosts.flatMap { host in host.addresses().map { PostgresHost.Candidate(host: host, address: $0) } }
        if let known = PostgresHost.answered.withLock({ $0[configuration.hosts] }), let place = candidates.firstIndex(of: known) {
            candidates.swapAt(0, place)
        }
        var failure = PostgresError(code: .configuration, message: "DATABASE_URL leads to no host")
        for (place, candidate) in candidates.enumerated() {
            let left = limit - .now
            guard left > .zero else { break }
            do throws(PostgresError) {
                let share = ContinuousClock.now + left / (candidates.count - place)
                let handle = try connect(configuration, to: candidate, interrupt: interrupt, until: share)
                if candidates.count > 1 { PostgresHost.answered.withLock { $0[configuration.hosts] = candidate } }
                return handle
            } catch {
                if error.code == .cancelled { throw error }
                // That one answers and takes no writes says more than that another is silent.
                if !failure.isReadOnly { failure = error }
            }
        }
        throw failure
    }

    private static func connect(
        _ configuration: PostgresConfiguration,
        to candidate: PostgresHost.Candidate,
        interrupt: WakeupPipe,
        until limit: ContinuousClock.Instant
    ) throws(PostgresError) -> PostgresHandle {
        let keywords = configuration.keywords(for: candidate.host, at: candidate.address)
        guard let raw = unsafe CStrings.withArrays(keywords, { unsafe PQconnectStartParams($0, $1, 1) }) else {
            throw PostgresError(code: .connection, message: "libpq has no memory for a connection")
        }
        let handle = unsafe PostgresHandle(raw)
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED, unsafe PQstatus(handle.raw) != CONNECTION_BAD else {
                throw PostgresError(code: .connection, message: handle.errorMessage)
            }
            switch interrupt.wait(for: state == PGRES_POLLING_READING ? .readable : .writable, on: handle.socket, until: limit) {
            case .interrupted: throw PostgresError(code: .cancelled, message: "cancelled while connecting")
            case .deadline: throw PostgresError(code: .timedOut, message: "no connection to \(configuration) in time")
            case .ready: state = unsafe PQconnectPoll(handle.raw)
            }
        }
        try handle.checkEncoding()
        _ = unsafe PQsetnonblocking(handle.raw, 1)
        // Notices (such as "already exists, skipping") are nobody's business.
        unsafe PQsetNoticeReceiver(handle.raw, { _, _ in }, nil)
        try handle.greet(configuration, interrupt: interrupt, until: limit)
        return handle
    }

    private func greet(_ configuration: PostgresConfiguration, interrupt: WakeupPipe, until limit: ContinuousClock.Instant)
        throws(PostgresError)
    {
        guard unsafe PQsendQuery(raw, configuration.greeting) == 1 else { throw PostgresError(code: .connection, message: errorMessage) }
        while true {
            let flushed = unsafe PQflush(raw)
            guard flushed >= 0 else { throw PostgresError(code: .connection, message: errorMessage) }
            if flushed == 0, unsafe PQisBusy(raw) == 0 {
                guard let result = unsafe PQgetResult(raw) else { return }
                if let error = unsafe PostgresResult(result).error { throw error }
                continue
            }
            switch interrupt.wait(for: flushed == 0 ? .readable : .either, on: socket, until: limit) {
            case .interrupted: throw PostgresError(code: .cancelled, message: "cancelled while connecting")
            case .deadline: throw PostgresError(code: .timedOut, message: "no answer of \(configuration) in time")
            case .ready: guard unsafe PQconsumeInput(raw) == 1 else { throw PostgresError(code: .connection, message: errorMessage) }
            }
        }
    }

    /// A database of another encoding takes most texts and refuses the first that it has no signs for.
    private func checkEncoding() throws(PostgresError) {
        guard let name = unsafe PQparameterStatus(raw, "server_encoding").map({ unsafe String(cString: $0) }), name != "UTF8" else {
            return
        }
        throw PostgresError(
            code: .configuration,
            message: "the database's encoding is \(name); make one with ENCODING 'UTF8' TEMPLATE template0, and put the data there"
        )
    }

    var socket: Int32 { unsafe PQsocket(raw) }

    var isIdle: Bool { unsafe PQtransactionStatus(raw) == PQTRANS_IDLE }

    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(raw)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    var isInFailedTransaction: Bool { unsafe PQtransactionStatus(raw) == PQTRANS_INERROR }

    /// libpq's last errorMessage in one line.
    var errorMessage: String {
        let text = unsafe String(cString: PQerrorMessage(raw))
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// Asks the server to stop what it does, on a thread of its own: that takes a connection's set-up, for which nobody has to wait.
    func cancel() {
        guard let cancel = unsafe PQgetCancel(raw) else { return }
        // A copy of the address and the key, so that this connection may end meanwhile.
        let address = UInt(bitPattern: cancel)
        Thread.detachNewThread {
            let cancel = unsafe OpaquePointer(bitPattern: address)
            var errorMessage = [CChar](repeating: 0, count: 256)
            _ = unsafe PQcancel(cancel, &errorMessage, Int32(errorMessage.count))
            unsafe PQfreeCancel(cancel)
        }
    }
}

/// Owns one of libpq's results.
@safe package struct PostgresResult: ~Copyable {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) { unsafe self.raw = raw }

    deinit { unsafe PQclear(raw) }

    var hasRows: Bool { unsafe PQresultStatus(raw) == PGRES_TUPLES_OK }

    var isPipelineSync: Bool { unsafe PQresultStatus(raw) == PGRES_PIPELINE_SYNC }

    /// Not executed, since an earlier command of the pipeline failed.
    var wasSkipped: Bool { unsafe PQresultStatus(raw) == PGRES_PIPELINE_ABORTED }

    var isCopy: Bool {
        let status = unsafe PQresultStatus(raw)
        return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
    }

    /// `nil` unless the statement failed.
    var error: PostgresError? {
        let status = unsafe PQresultStatus(raw)
        if wasSkipped {
            return PostgresError(code: .cancelled, message: "an earlier statement of the pipeline failed")
        }
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR else { return nil }
        let message = field(CLIBPQ_DIAG_MESSAGE_PRIMARY)
        guard let sqlState = field(CLIBPQ_DIAG_SQLSTATE) else {
            let text = unsafe String(cString: PQresultErrorMessage(raw)).split(whereSeparator: \.isNewline).joined(separator: " ")
            return PostgresError(code: .connection, message: text.isEmpty ? "the connection broke" : text)
        }
        return PostgresError(code: .server(sqlState: sqlState), message: message ?? "the statement failed")
    }

    func rows() -> [PostgresRow] {
        let width = unsafe PQnfields(raw)
        let height = unsafe PQntuples(raw)
        guard width > 0, height > 0 else { return [] }
        let columns = PostgresRow.Columns(names: (0..<width).map { unsafe String(cString: PQfname(raw, $0)) })
        return (0..<height).map { row in
            PostgresRow(columns: columns, values: (0..<width).map { text(row: row, column: $0) })
        }
    }

    private func text(row: Int32, column: Int32) -> String? {
        guard unsafe PQgetisnull(raw, row, column) == 0, let start = unsafe PQgetvalue(raw, row, column) else { return nil }
        let length = Int(unsafe PQgetlength(raw, row, column))
        return unsafe start.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
            unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: length), as: UTF8.self)
        }
    }

    private func field(_ code: Int32) -> String? {
        unsafe PQresultErrorField(raw, code).map { unsafe String(cString: $0) }
    }
}
