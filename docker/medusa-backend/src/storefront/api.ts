import { Agent, request } from "node:http"

/** Less than the 30 s that the container in front waits. */
const DEADLINE_MS = 25_000
/** Medusa refuses for a moment what meets another request of the same cart or customer. */
const PAUSES_MS = [50, 100, 200, 400, 800]
/** So many at once: more would only take each other's time and wait for each other's locks, which have limits in time. The rest waits its turn. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** An answer of the Store API that is no success. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message)
  }

  /** Whether the same request may succeed in a moment. */
  get isConflict(): boolean {
    return this.status === 409 || (this.status === 400 && this.message.includes("already exists"))
  }
}

/**
 * Medusa's Store API, asked over loopback: the pages may do what any visitor may, and no more. `key` is the store's publishable key, `customer`
 * the token of whoever is signed in.
 */
export class StoreApi {
  constructor(private readonly port: number, private readonly key: () => Promise<string>, private readonly customer?: string) {}

  as(customer: string | undefined): StoreApi {
    return customer ? new StoreApi(this.port, this.key, customer) : this
  }

  get<T>(path: string): Promise<T> {
    return this.ask("GET", path)
  }

  delete<T>(path: string, body?: object): Promise<T> {
    return this.ask("DELETE", path, body)
  }

  /** Repeated some times where requests meet. */
  async post<T>(path: string, body: object): Promise<T> {
    for (const pause of PAUSES_MS) {
      try {
        return await this.ask<T>("POST", path, body)
      } catch (error) {
        if (!(error instanceof ApiError && error.isConflict)) throw error
        await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())))
      }
    }
    return this.ask("POST", path, body)
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const text = body && JSON.stringify(body)
    const headers: Record<string, string | number> = { "x-publishable-api-key": await this.key() }
    if (text) Object.assign(headers, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    if (this.customer) headers.authorization = `Bearer ${this.customer}`
    const [status, answer] = await this.exchange({ method, path, headers }, text)
    if (status < 200 || status > 299) {
      const { code, type, message } = parsed(answer) as { code?: string; type?: string; message?: string }
      throw new ApiError(status, code ?? type ?? "unknown", message ?? `${method} ${path.split("?", 1)[0]} was answered with ${status}`)
    }
    return parsed(answer) as T
  }

  private exchange(what: { method: string; path: string; headers: object }, body?: string): Promise<[number, string]> {
    return new Promise((resolve, reject) => {
      const asked = request({ ...what, headers: { ...what.headers }, host: "127.0.0.1", port: this.port, agent, timeout: DEADLINE_MS }, (answer) => {
        const parts: Buffer[] = []
        answer.on("data", (part: Buffer) => parts.push(part))
        answer.on("end", () => resolve([answer.statusCode!, Buffer.concat(parts).toString()]))
        answer.on("error", (error) => reject(new ApiError(503, "unreachable", error.message)))
      })
      asked.on("timeout", () => asked.destroy(new ApiError(503, "timeout", `no answer within ${DEADLINE_MS} ms`)))
      asked.on("error", (error) => reject(error instanceof ApiError ? error : new ApiError(503, "unreachable", error.message)))
      asked.end(body)
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
