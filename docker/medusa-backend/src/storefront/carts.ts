import type { HttpTypes, MedusaContainer } from "@medusajs/framework/types"
import { ContainerRegistrationKeys } from "@medusajs/framework/utils"
import { ApiError } from "./api"
import { address } from "./html"
import type { Notice } from "./texts"
import type { Visit } from "./visit"

export type Cart = HttpTypes.StoreCart & { items: HttpTypes.StoreCartLineItem[] }

const FIELDS = "+items.total,+items.subtotal,+items.discount_total,+shipping_methods.name,+shipping_methods.total,+shipping_methods.subtotal"

/** The visitor's cart; none when there is none, or when it became an order. */
export async function currentCart(visit: Visit): Promise<Cart | undefined> {
  const cart = visit.cart ? await readCart(visit, visit.cart) : undefined
  return cart && !cart.completed_at ? cart : undefined
}

/** Any cart by its id, an order's too. */
export async function readCart({ api }: Visit, id: string): Promise<Cart | undefined> {
  try {
    const { cart } = await api.get<HttpTypes.StoreCartResponse>(address`/store/carts/${id}?fields=${FIELDS}`)
    return cart as Cart | undefined
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** The cart that a customer filled last, on any device. The Store API lists no carts, so Medusa is asked itself, after the customer signed in. */
export async function lastCart(container: MedusaContainer, customer: string): Promise<string | undefined> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  const { data: [cart] } = await query.graph({
    entity: "cart", fields: ["id"], filters: { customer_id: customer, completed_at: null }, pagination: { take: 1, order: { updated_at: "DESC" } },
  })
  return cart?.id
}

export async function updateCart({ api }: Visit, id: string, what: HttpTypes.StoreUpdateCart): Promise<Cart> {
  const { cart } = await api.post<HttpTypes.StoreCartResponse>(address`/store/carts/${id}?fields=${FIELDS}`, what)
  return cart as Cart
}

/** With today's prices and taxes: naming the region makes Medusa reckon anew. */
export function refreshed(visit: Visit, cart: Cart): Promise<Cart> {
  return updateCart(visit, cart.id, { region_id: cart.region_id })
}

export function pieces(cart: Cart | undefined): number {
  return (cart?.items ?? []).reduce((sum, { quantity }) => sum + quantity, 0)
}

/** What a total is compared by: the amount and what it is for. */
export function seal(cart: Cart): string {
  return `${cart.total} ${cart.currency_code} ${pieces(cart)}`
}

/** What the visitor is told when Medusa refuses a step; no answer when it is no visitor's matter. */
export function refusal(error: unknown): Notice {
  if (!(error instanceof ApiError) || error.status >= 500) throw error
  if (error.isConflict) return "busy"
  if (/inventory|not have the required|stock/i.test(`${error.code} ${error.message}`)) return "outOfStock"
  if (/variant|product|price/i.test(error.message)) return "noLongerForSale"
  throw error
}

const running = new Map<string, Promise<unknown>>()

/** One after the other for each cart: a second click waits for what the first one does. */
export async function alone<T>(cart: string, work: () => Promise<T>): Promise<T> {
  const before = running.get(cart)
  const mine = (async () => {
    await before?.catch(() => undefined)
    return work()
  })()
  running.set(cart, mine)
  try {
    return await mine
  } finally {
    if (running.get(cart) === mine) running.delete(cart)
  }
}
