import { createHmac, timingSafeEqual } from "node:crypto"
import { secret } from "../lib/settings"
import { address } from "./html"

/** Where an order's page is. Its key can be made by this store alone, so that an order's id, which stands in mails and exports, opens nothing. */
export function orderPath(id: string): string {
  return address`/orders/${id}/${keyOf(id)}`
}

export function isOrderKey(id: string, key: string): boolean {
  const [given, right] = [Buffer.from(key), Buffer.from(keyOf(id))]
  return given.length === right.length && timingSafeEqual(given, right)
}

function keyOf(id: string): string {
  return createHmac("sha256", secret("cookie-secret")).update(`storefront order ${id}`).digest("base64url").slice(0, 26)
}
