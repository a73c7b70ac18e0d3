import Logging
import Observability
import StoreVault

await ProgramRun.begin("store-vault", failure: "The vault cannot run") { program in
    let logger = program.logger
    let vault = StoreVault(settings: try VaultSettings(reader: program.reader))
    try await program.run(vault.services(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) })
    try await vault.close()
}
