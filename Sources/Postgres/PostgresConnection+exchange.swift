import CLibpq
import ThreadedIO

/// What runs on the connection's thread, without suspending.
extension PostgresConnection {
    func connect(_ configuration: PostgresConfiguration, until limit: ContinuousClock.Instant) throws(PostgresError) {
        handle = try PostgresHandle.connect(configuration, interrupt: interrupt, until: limit)
    }

    func live() throws(PostgresError) -> PostgresHandle {
        guard let handle else { throw PostgresError(code: .closed, message: "the connection is closed") }
        return handle
    }

    /// Runs `body` again, once, when the server no longer knows its statement, or the plan no longer fits the tables.
    /// Outside of transactions only: within one, the failure has ended it.
    func preparingAgain<Value>(_ text: String, _ body: () throws(PostgresError) -> Value) throws(PostgresError) -> Value {
        do throws(PostgresError) {
            return try body()
        } catch  where ["26000", "0A000"].contains(error.sqlState ?? "") && handle?.isIdle == true {
            statements.forget(text)
            return try body()
        }
    }

    func run(_ text: String, _ parameters: [String?], until limit: ContinuousClock.Instant) throws(PostgresError) -> [PostgresRow] {
        let handle = try live()
        try makeRoom(on: handle, until: limit)
        try send(prepared(text, on: handle, until: limit), parameters, on: handle)
        return try rowsOfLast(handle, until: limit)
    }

    /// Statements without parameters; their rows are dropped.
    func run(_ text: String, until limit: ContinuousClock.Instant) throws(PostgresError) {
        let handle = try live()
        guard unsafe PQsendQuery(handle.raw, text) == 1 else { throw broken(handle) }
        _ = try rowsOfLast(handle, until: limit)
    }

    func broken(_ handle: PostgresHandle) -> PostgresError {
        defer { self.handle = nil }
        let errorMessage = handle.errorMessage
        return PostgresError(code: .connection, message: errorMessage.isEmpty ? "the connection broke" : errorMessage)
    }

    private func send(_ name: String, _ parameters: [String?], on handle: PostgresHandle) throws(PostgresError) {
        let sent = unsafe CStrings.withArray(parameters) {
            unsafe PQsendQueryPrepared(handle.raw, name, Int32(parameters.count), $0, nil, nil, 0)
        }
        guard sent == 1 else { throw broken(handle) }
    }

    private func prepared(_ text: String, on handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> String {
        if let known = statements.name(of: text) { return known }
        let name = statements.newName()
        guard unsafe PQsendPrepare(handle.raw, name, text, 0, nil) == 1 else { throw broken(handle) }
        _ = try rowsOfLast(handle, until: limit)
        statements.insert(text, name: name)
        return name
    }

    /// Frees on the server what the cache has dropped: not within a transaction, which it would end if the server has
    /// dropped it, too.
    private func makeRoom(on handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) {
        guard statements.hasDropped, handle.isIdle else { return }
        for name in statements.takeDropped() {
            do throws(PostgresError) {
                try run("DEALLOCATE \(name)", until: limit)
            } catch  where error.sqlState == "26000" {}
        }
    }

    /// Reads results until there are no more; the rows of the last, or the first error.
    private func rowsOfLast(_ handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> [PostgresRow] {
        var rows: [PostgresRow] = []
        var failure: PostgresError?
        while let result = try nextResult(handle, until: limit) {
            if let error = result.error { failure = failure ?? error } else { rows = result.rows() }
        }
        if let failure { throw ended(failure) }
        return rows
    }

    private func nextResult(_ handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> PostgresResult? {
        while true {
            let flushed = unsafe PQflush(handle.raw)
            if flushed < 0 { throw broken(handle) }
            if flushed == 0, unsafe PQisBusy(handle.raw) == 0 { break }
            switch interrupt.wait(for: flushed == 0 ? .readable : .either, on: handle.socket, until: limit) {
            case .interrupted: throw abandon(handle, PostgresError(code: .cancelled, message: "cancelled while it ran"))
            case .deadline: throw abandon(handle, PostgresError(code: .timedOut, message: "no answer in time"))
            case .ready: guard unsafe PQconsumeInput(handle.raw) == 1 else { throw broken(handle) }
            }
        }
        guard let raw = unsafe PQgetResult(handle.raw) else { return nil }
        let result = unsafe PostgresResult(raw)
        if result.isCopy {
            // libpq would give this result for ever.
            throw abandon(handle, PostgresError(code: .decoding, message: "COPY is not something that this client does"))
        }
        return result
    }

    private func ended(_ error: PostgresError) -> PostgresError {
        if error.endsConnection { handle = nil }
        return error
    }

    private func abandon(_ handle: PostgresHandle, _ error: PostgresError) -> PostgresError {
        handle.cancel()
        self.handle = nil
        return error
    }
}
