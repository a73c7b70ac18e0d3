import type { HttpTypes } from "@medusajs/framework/types"
import { ApiError } from "./api"
import type { Cart } from "./carts"
import { address } from "./html"
import type { Visit } from "./visit"

/** The page that leads to a provider's, and where that leads back to. */
export const PAY = "/checkout/payment"
export const RETURN = "/checkout/return"

/** Providers of Medusa's whose payments are confirmed by a script of theirs, which no page here runs. */
const SCRIPTED = /^pp_stripe/

/** The ways to pay that the cart's region has and that work by pages alone. */
export async function payments({ api }: Visit, cart: Cart): Promise<{ id: string }[]> {
  const { payment_providers } = await api.get<HttpTypes.StorePaymentProviderListResponse>(address`/store/payment-providers?region_id=${cart.region_id ?? ""}`)
  return payment_providers.filter(({ id }) => !SCRIPTED.test(id))
}

/** A provider's own name, where there are no words for it: pp_bank-transfer_store is "bank transfer". */
export function paymentName({ texts }: Visit, id: string): string {
  return texts.payments[id] ?? id.replace(/^pp_/, "").replace(/_[^_]*$/, "").replace(/[-_]+/g, " ")
}

/** `hosted`: the customer pays at a page of the provider's before the order is placed. */
export type Begun = "ready" | "hosted" | "refused"

/** A payment of the cart's total. One that was begun at its provider's page goes on: nobody pays twice. */
export async function beginPayment(visit: Visit, cart: Cart, provider_id: string): Promise<Begun> {
  const begun = hosted(cart)
  if (begun && begun.provider === provider_id && begun.amount === cart.total) return "hosted"
  const { api, origin } = visit
  try {
    const { payment_collection: { id } } = await api.post<HttpTypes.StorePaymentCollectionResponse>("/store/payment-collections", { cart_id: cart.id })
    const made = await api.post<HttpTypes.StorePaymentCollectionResponse>(
      address`/store/payment-collections/${id}/payment-sessions`, { provider_id, data: { return_url: origin + RETURN } })
    return hosted(made) ? "hosted" : "ready"
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    return "refused"
  }
}

/** The payment that waits for the customer at a page of its provider's, if the cart has one. */
export function hosted({ payment_collection: it }: Pick<Cart, "payment_collection">): { provider: string; amount: number; page: string } | undefined {
  for (const { provider_id, amount, status, data } of it?.payment_sessions ?? []) {
    const page = pageOf(data)
    if (page && (status === "pending" || status === "requires_more")) return { provider: provider_id, amount, page }
  }
  return undefined
}

/** Whether Medusa placed no order since the provider did not say that it is paid. */
export function isUnpaid(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.message.includes("not authorized with the provider")
}

/** As providers name it: `redirect_url`, or `url` as Stripe's Checkout does. */
function pageOf(data: Record<string, unknown> | undefined): string | undefined {
  const text = data?.redirect_url ?? data?.url
  try {
    const url = new URL(typeof text === "string" ? text : "")
    return ["http:", "https:"].includes(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}
