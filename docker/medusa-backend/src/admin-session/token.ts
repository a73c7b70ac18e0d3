import { createHmac, timingSafeEqual } from "node:crypto"

/** What a token of the platform's says; Sources/Sealing/AdminSessionToken.swift makes them. */
export interface Claims { nonce: string; user: string }

const FORM = /^(v1\.(\d{1,12})\.([0-9a-f]{32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+))\.([0-9a-f]{64})$/

/** Of a token that was made for the store with this secret at this address, and has not expired at `now`, in seconds; of any other nothing. */
export function claims(token: string, secret: string, store: string, now: number): Claims | undefined {
  const [whole, signed, expires, nonce, address, user, code] = FORM.exec(token.slice(0, 2000)) ?? []
  if (secret === "" || whole !== token) return undefined
  const expected = hmac(hmac(secret, "admin-session"), signed)
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(code))) return undefined
  return Number(expires) > now && text(address) === store ? { nonce, user: text(user) } : undefined
}

function hmac(key: string, message: string): string {
  return createHmac("sha256", key).update(message).digest("hex")
}

function text(base64url: string): string {
  return Buffer.from(base64url, "base64url").toString()
}
