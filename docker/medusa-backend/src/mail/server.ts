import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isStaging } from "../lib/settings"

/** How the connection is made safe, with the port that servers have for it. */
const PORTS = { starttls: 587, tls: 465, none: 25 } as const
type Safety = keyof typeof PORTS

/** The SMTP server of the Secret in /run/secrets/mail: host, port, user, password, from, tls. */
export interface MailServer {
  host: string
  port: number
  tls: Safety
  /** The sender's address. */
  from: string
  account?: { user: string; password: string }
}

/** Nothing where the store has no mail server, or is a copy to try things with. Fails when what is there is not one. */
export function mailServer(): MailServer | undefined {
  if (isStaging()) return undefined
  const host = text("host")
  if (host === "") return undefined
  const tls = text("tls") || "starttls"
  if (!isSafety(tls)) throw new Error(`the mail server's tls is "${tls}", not one of ${Object.keys(PORTS).join(", ")}`)
  const port = text("port") || String(PORTS[tls])
  if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535) throw new Error(`the mail server's port is "${port}"`)
  const from = text("from")
  if (!isAddress(from)) throw new Error(`the mail's sender is "${from}", not an e-mail address`)
  const [user, password] = [text("user"), text("password")]
  return { host, port: Number(port), tls, from, account: user === "" ? undefined : { user, password } }
}

/** One that a mail server takes: a name of ASCII's letters and signs, and a domain. */
export function isAddress(text: string): boolean {
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^\s@<>()",;:\\\p{Cc}]{1,253}$/u.test(text)
}

function isSafety(word: string): word is Safety {
  return Object.keys(PORTS).includes(word)
}

function text(name: string): string {
  try {
    return readFileSync(join(process.env.MAIL_SECRETS_DIR ?? "/run/secrets/mail", name), "utf8").trim()
  } catch {
    return ""
  }
}
