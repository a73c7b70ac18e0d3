import { connect as connectPlain, isIP, type Socket } from "node:net"
import { hostname } from "node:os"
import { connect as connectTls } from "node:tls"
import type { MailServer } from "./server"

const DEADLINE_MS = 30_000

/** What the server said when it refused. 4xx may be taken later; 5xx will not. */
export class Refused extends Error {
  constructor(readonly code: number, said: string) {
    super(`the mail server said: ${said}`)
  }
}

/** Hands one message over by SMTP (RFC 5321). `to` is one address; `message` has its header, and lines that end with CRLF. */
export async function deliver(server: MailServer, to: string, message: string): Promise<void> {
  const talk = new Conversation(server)
  try {
    await talk.begin()
    if (server.tls === "starttls") await talk.secure()
    if (server.account) await talk.signIn(server.account)
    await talk.say(`MAIL FROM:<${server.from}>`, 250)
    await talk.say(`RCPT TO:<${to}>`, 250, 251)
    await talk.say("DATA", 354)
    // A line that is a dot alone would be the end.
    await talk.say(`${message.replace(/^\./gm, "..").replace(/\r\n$/, "")}\r\n.`, 250)
    talk.leave()
  } finally {
    talk.close()
  }
}

class Conversation {
  private readonly host: string
  private socket: Socket
  private heard = ""
  private waiting?: { resolve: () => void; reject: (error: Error) => void }
  private failure?: Error
  private abilities: string[] = []
  private readonly timer = setTimeout(() => this.fail(new Error(`the mail server did not answer within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS)

  constructor({ host, port, tls }: MailServer) {
    this.host = host
    this.socket = tls === "tls" ? connectTls({ host, port, servername: isIP(host) ? undefined : host }) : connectPlain({ host, port })
    this.listen(this.socket)
  }

  async begin(): Promise<void> {
    await this.answer(220)
    await this.greet()
  }

  private async greet(): Promise<void> {
    const lines = (await this.say(`EHLO ${hostname().replace(/[^\w.-]/g, "") || "localhost"}`, 250)).split("\r\n").slice(1)
    this.abilities = lines.map((line) => line.slice(4).toUpperCase())
  }

  /** Never goes on in the clear. */
  async secure(): Promise<void> {
    await this.say("STARTTLS", 220)
    this.socket.removeAllListeners()
    // What was said before belongs to nobody.
    this.heard = ""
    this.socket = connectTls({ socket: this.socket, servername: isIP(this.host) ? undefined : this.host, host: this.host })
    this.listen(this.socket)
    await this.greet()
  }

  async signIn({ user, password }: { user: string; password: string }): Promise<void> {
    const ways = this.abilities.find((it) => it.startsWith("AUTH"))?.split(/[ =]/) ?? []
    const encoded = (text: string) => Buffer.from(text).toString("base64")
    if (ways.includes("PLAIN")) {
      await this.say(`AUTH PLAIN ${encoded(`\0${user}\0${password}`)}`, 235)
    } else {
      await this.say("AUTH LOGIN", 334)
      await this.say(encoded(user), 334)
      await this.say(encoded(password), 235)
    }
  }

  /** Sends a line, and answers what comes back when it has one of the codes. */
  say(line: string, ...codes: number[]): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.answer(...codes)
  }

  leave(): void {
    this.socket.end("QUIT\r\n")
  }

  close(): void {
    clearTimeout(this.timer)
    this.failure ??= new Error("the conversation is over")
    this.socket.destroySoon()
  }

  private listen(socket: Socket): void {
    socket.on("data", (part: Buffer) => {
      this.heard += part.toString("latin1")
      if (this.heard.length > 64 << 10) this.fail(new Error("the mail server says too much"))
      this.waiting?.resolve()
    })
    socket.on("error", (error) => this.fail(new Error(`the mail server cannot be reached: ${error.message}`)))
    socket.on("close", () => this.fail(new Error("the mail server closed the connection")))
  }

  private fail(error: Error): void {
    this.failure ??= error
    this.waiting?.reject(this.failure)
    this.socket.destroy()
  }

  /** The next reply: lines of "250-…", the last of them with a space. */
  private async answer(...codes: number[]): Promise<string> {
    for (;;) {
      const reply = /^(?:\d{3}-[^\r\n]*\r\n)*(\d{3})(?: [^\r\n]*)?\r\n/.exec(this.heard)
      if (reply) {
        this.heard = this.heard.slice(reply[0].length)
        if (codes.includes(Number(reply[1]))) return reply[0].trimEnd()
        throw new Refused(Number(reply[1]), reply[0].trim())
      }
      if (this.failure) throw this.failure
      await new Promise<void>((resolve, reject) => { this.waiting = { resolve, reject } })
    }
  }
}
