import { log } from "../store/log"
import { message, toAscii, type Mail } from "./message"
import { isAddress, mailServer } from "./server"
import { deliver, Refused } from "./smtp"

/** Before another attempt. */
const PAUSES_MS = [2000, 20_000]

/** Whether mail can be promised to anybody. A server that is described wrongly is said in the log, once for each way. */
export function sendsMail(): boolean {
  try {
    return mailServer() !== undefined
  } catch (error) {
    tell((error as Error).message)
    return false
  }
}

let told = ""
function tell(problem: string): void {
  if (problem !== told) log("error", `mail: ${problem}: no mail is sent`)
  told = problem
}

/** Sends a mail by the store's server, some times if need be. `name`: the store's; `what`: for the log, without the address. Never fails. */
export async function send(mail: Mail, name: string, what: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const server = mailServer()
      if (!server) return
      if (!isAddress(toAscii(mail.to))) throw new Refused(553, "this address is none that mail can be sent to")
      return await deliver(server, toAscii(mail.to), message(mail, server.from, name))
    } catch (error) {
      const isFinal = error instanceof Refused && error.code >= 500
      log(isFinal || attempt === PAUSES_MS.length ? "error" : "warn", `mail: ${what} was not sent: ${(error as Error).message}`)
      if (isFinal || attempt === PAUSES_MS.length) return
      await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[attempt]))
    }
  }
}
