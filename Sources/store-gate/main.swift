import Logging
import Observability
import Program
import StoreGate
import StoreRecords

await ProgramRun.begin("store-gate", failure: "The gate cannot run") { program in
    let logger = program.logger
    let settings = try GateSettings(reader: program.reader)
    let records = try StoreRecords(
        url: program.reader.databaseURL,
        program: program.name,
        connections: 1,
        acquireTimeout: StoreGate.patience,
        patience: StoreGate.patience
    )
    try await records.refuseTransactionPooling()
    let gate = StoreGate(settings: settings, records: records)
    try await program.run([gate.application(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) }])
    await records.close()
}
