import JobDispatch
import Postgres
import StoreDomain
import StoreWorker
import Testing

@Suite struct RefusedWritesTests {
    private struct Unencodable: Error {}

    @Test(
        "what PostgreSQL refuses for its values is tried no more; what it has no time for is tried again",
        arguments: [
            (.server(sqlState: "22P05"), true), (.server(sqlState: "22021"), true), (.server(sqlState: "54000"), true),
            (.server(sqlState: "23514"), true), (.server(sqlState: "57P01"), false), (.server(sqlState: "53100"), false),
            (.server(sqlState: "53200"), false), (.server(sqlState: "53400"), false), (.server(sqlState: "58030"), false),
            (.server(sqlState: "25006"), false),
            (.connection, false),
            (.timedOut, false), (.poolExhausted, false),
        ] as [(PostgresError.Code, Bool)]
    )
    func outcomes(code: PostgresError.Code, lasts: Bool) {
        switch ProvisioningHandler.outcome(of: PostgresError(code: code, message: "so")) {
        case .failed(let message, let permanent):
            #expect(lasts)
            #expect(permanent)
            #expect(message.contains("cannot be recorded"))
        case .again(_, let reason):
            #expect(!lasts)
            #expect(reason.hasPrefix("PostgreSQL"))
        default: Issue.record("another outcome")
        }
    }

    @Test("an error that is not PostgreSQL's costs an attempt, of which there are only so many") func others() {
        guard case .failed(_, permanent: false) = ProvisioningHandler.outcome(of: Unencodable()) else {
            Issue.record("it would be tried for ever")
            return
        }
    }
}
