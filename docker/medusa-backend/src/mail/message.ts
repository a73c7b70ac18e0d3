import { randomUUID } from "node:crypto"
import { domainToASCII } from "node:url"

export interface Mail {
  /** Of one person. */
  to: string
  subject: string
  /** Plain text. */
  text: string
}

/** A message as it is sent (RFC 5322): `from` is the sender's address, `name` the store's. No text of it can become a line of the header. */
export function message(mail: Mail, from: string, name: string): string {
  const header = {
    "Date": new Date().toUTCString().replace("GMT", "+0000"),
    "From": `${encoded(name)} <${from}>`,
    "To": `<${toAscii(mail.to)}>`,
    "Subject": encoded(mail.subject),
    "Message-ID": `<${randomUUID()}@${domainToASCII(from.split("@")[1]) || "localhost"}>`,
    "Auto-Submitted": "auto-generated",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "base64",
  }
  const body = Buffer.from(mail.text.replace(/\r?\n/g, "\r\n")).toString("base64").replace(/.{76}/g, "$&\r\n")
  return `${Object.entries(header).map(([key, value]) => `${key}: ${value}\r\n`).join("")}\r\n${body}\r\n`
}

/** The domain as the network knows it. */
export function toAscii(address: string): string {
  const [name, domain] = address.split("@")
  return `${name}@${domainToASCII(domain)}`
}

/** Words of base64, whole letters in each, on lines of their own (RFC 2047). */
function encoded(text: string): string {
  const words: string[] = []
  let word = ""
  for (const letter of text.replace(/[\p{Cc}\p{Cs}]+/gu, " ").slice(0, 200)) {
    if (Buffer.byteLength(word + letter) > 42) {
      words.push(word)
      word = ""
    }
    word += letter
  }
  return [...words, word].map((it) => `=?UTF-8?B?${Buffer.from(it).toString("base64")}?=`).join("\r\n ")
}
