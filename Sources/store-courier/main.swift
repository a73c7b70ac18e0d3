import Logging
import Observability
import Program
import StoreCourier
import StoreRecords

await ProgramRun.begin("store-courier", failure: "The courier cannot run") { program in
    let logger = program.logger
    let settings = try CourierSettings(reader: program.reader)
    let records = try StoreRecords(url: program.reader.databaseURL, program: program.name, connections: 2)
    try await records.refuseTransactionPooling()
    let courier = Courier(
        records: records,
        seal: settings.seal,
        webhooks: WebhookSender(check: OutboundCheck(policy: settings.policy)),
        mail: settings.mail.map { MailSender(server: $0.server, page: $0.page, logger: logger) },
        logger: logger
    )
    logger.notice("The courier is at work")
    try await program.run([courier])
    await records.close()
}
