import type { Request } from "express"

/** The fields of a form that was sent, or of a query: text without control characters, cut at a length. */
export class Form {
  private constructor(private readonly fields: Map<string, string>) {}

  static query(request: Request): Form {
    return new Form(new Map(new URLSearchParams(request.originalUrl.split("?", 2)[1] ?? "")))
  }

  /** As Medusa's parser leaves it: a field that is no text was not one of ours. */
  static body(request: Request): Form {
    const fields = Object.entries((request.body ?? {}) as Record<string, unknown>)
    return new Form(new Map(fields.filter((it): it is [string, string] => typeof it[1] === "string")))
  }

  /** On one line, without spaces around it; empty when it was not sent. */
  text(name: string, most = 200): string {
    return clean(this.fields.get(name) ?? "", most)
  }

  /** A password is taken as it is. */
  secret(name: string): string {
    return (this.fields.get(name) ?? "").slice(0, 200)
  }

  /** A whole number of `least` to `most`; what is none is `otherwise`. */
  count(name: string, least: number, most: number, otherwise: number): number {
    const text = this.text(name, 12)
    return /^\d+$/.test(text) ? Math.min(most, Math.max(least, Number(text))) : otherwise
  }

  /** An amount of money, written with a point or a comma. */
  amount(name: string): number | undefined {
    const text = this.text(name, 20).replace(",", ".")
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
  }

  /** The fields whose names begin with `prefix`, without it. */
  below(prefix: string): Map<string, string> {
    const found = [...this.fields].filter(([name, value]) => name.startsWith(prefix) && value !== "")
    return new Map(found.slice(0, 20).map(([name, value]) => [clean(name.slice(prefix.length), 200), clean(value, 200)]))
  }
}

function clean(text: string, most: number): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, " ").trim().slice(0, most)
}

/**
 * Whether a page of this store sent it. Browsers name the origin of every form that is sent; who names none has no cookies of a visitor to abuse,
 * unless a browser says that another site sent it.
 */
export function isOwn(request: Request): boolean {
  const { origin, host } = request.headers
  const site = request.headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin" && site !== "none") return false
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}
