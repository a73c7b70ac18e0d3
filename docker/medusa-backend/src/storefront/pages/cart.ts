import type { HttpTypes } from "@medusajs/framework/types"
import type { Request } from "express"
import { noted, type Answer, type Page } from "../answer"
import { ApiError } from "../api"
import { alone, currentCart, pieces, refusal, updateCart, type Cart } from "../carts"
import { Form } from "../forms"
import { address, html, type Html } from "../html"
import { button, field } from "../parts"
import { picture, sources } from "../pictures"
import { isLanguage, type Notice } from "../texts"
import { totalRows, type Totals } from "../totals"
import type { Visit } from "../visit"

const MOST_PIECES = 999

export async function cartPage(visit: Visit): Promise<Page> {
  const { texts } = visit
  const cart = await currentCart(visit)
  // The count stands in the frame of every page: here it is put right.
  visit.cartCount = pieces(cart)
  const cookies = { count: String(visit.cartCount), ...(cart ? {} : { cart: undefined }) }
  if (!cart || cart.items.length === 0) {
    return { title: texts.cartTitle, cookies, body: html`<h1>${texts.cartTitle}</h1><p>${texts.cartEmpty}</p><p><a href="/products">${texts.continueShopping}</a></p>` }
  }
  const pictures = new Map(await Promise.all(cart.items.map(async (it) => [it.id, await picture(it.thumbnail)] as const)))
  return {
    title: texts.cartTitle, cookies,
    body: html`<h1>${texts.cartTitle}</h1>
<ul class="lines">${cart.items.map((it) => html`<li>
${pictures.get(it.id) ? html`<img class="small" src="${sources(pictures.get(it.id)!, 160).src}" alt="" width="64" height="64">` : html`<span class="small"></span>`}
<div><h2><a href="${address`/products/${it.product_handle ?? ""}`}">${it.product_title ?? it.title}</a></h2>
<p>${variantName(it)}${visit.money(it.unit_price)}</p></div>
<form method="post" action="${address`/cart/items/${it.id}`}" data-submits><label>${texts.quantity}
<input name="quantity" type="number" min="0" max="${MOST_PIECES}" value="${it.quantity}" required inputmode="numeric" autocomplete="off"></label>
<button class="quiet">${texts.update}</button></form>
${button(address`/cart/items/${it.id}`, texts.remove, { quantity: "0" }, `${texts.remove}: ${it.product_title ?? it.title}`)}
<p class="sum">${visit.money(it.total ?? 0)}</p>
</li>`)}</ul>
<div class="columns"><section>
<form class="inline" method="post" action="/cart/promotion">${field({ name: "code", label: texts.promotion, most: 100 })}<button class="quiet">${texts.apply}</button></form>
${(cart.promotions ?? []).filter((it) => it.code && !it.is_automatic).map((it) => button("/cart/promotion/remove", texts.removePromotion(it.code!), { code: it.code! }))}
</section><section>
${totals(visit, cart)}
<p><a class="button" href="/checkout">${texts.toCheckout}</a></p>
<p><a href="/products">${texts.continueShopping}</a></p>
</section></div>`,
  }
}

export function variantName(it: { variant_title?: string | null }): Html | false {
  return Boolean(it.variant_title) && html`${it.variant_title}, `
}

export function totals({ texts, money }: Visit, it: Totals): Html {
  return html`<dl class="totals">${totalRows(texts, money, it).map(([label, amount], index, { length }) => html`
<div${index === length - 1 && html` class="total"`}><dt>${label}</dt><dd>${amount}</dd></div>`)}
</dl>`
}

export async function addItem(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const variant = form.text("variant")
  if (!variant) return { to: noted(backTo(request), "chooseVariant") }
  const item = { variant_id: variant, quantity: form.count("quantity", 1, MOST_PIECES, 1) }
  try {
    const cart = await currentCart(visit)
    const after = cart
      ? await alone(cart.id, async () => (await visit.api.post<HttpTypes.StoreCartResponse>(address`/store/carts/${cart.id}/line-items`, item)).cart)
      : await create(visit, [item])
    return { to: noted("/cart", "added"), cookies: { cart: after.id, count: String(pieces(after as Cart)) } }
  } catch (error) {
    return { to: noted(backTo(request), missing(error) ? "noLongerForSale" : refusal(error)) }
  }
}

async function create(visit: Visit, items: { variant_id: string; quantity: number }[]): Promise<HttpTypes.StoreCart> {
  const { region, country } = visit.place
  const { cart } = await visit.api.post<HttpTypes.StoreCartResponse>("/store/carts", { region_id: region.id, items, shipping_address: { country_code: country } })
  return cart
}

export async function changeItem(visit: Visit, request: Request): Promise<Answer> {
  const quantity = Form.body(request).count("quantity", 0, MOST_PIECES, 1)
  return change(visit, quantity === 0 ? "removed" : "updated", async (cart) => {
    const path = address`/store/carts/${cart.id}/line-items/${request.params.item}`
    await (quantity === 0 ? visit.api.delete(path) : visit.api.post(path, { quantity }))
  })
}

export async function addPromotion(visit: Visit, request: Request): Promise<Answer> {
  const code = Form.body(request).text("code", 100)
  let isKnown = false
  const answer = await change(visit, "codeAdded", async (cart) => {
    try {
      const path = address`/store/carts/${cart.id}/promotions`
      const { cart: after } = await visit.api.post<HttpTypes.StoreCartResponse>(path, { promo_codes: [code] })
      isKnown = (after.promotions ?? []).some((it) => it.code === code)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) throw error
    }
  })
  return isKnown ? answer : { ...answer, to: noted("/cart", "codeUnknown") }
}

export async function removePromotion(visit: Visit, request: Request): Promise<Answer> {
  const code = Form.body(request).text("code", 100)
  return change(visit, "codeRemoved", async (cart) => {
    await visit.api.delete(address`/store/carts/${cart.id}/promotions`, { promo_codes: [code] })
  })
}

async function change(visit: Visit, notice: Notice, work: (cart: Cart) => Promise<void>): Promise<{ to: string; cookies?: Page["cookies"] }> {
  const cart = await currentCart(visit)
  if (!cart) return { to: noted("/cart", "cartGone") }
  try {
    await alone(cart.id, () => work(cart))
    return { to: noted("/cart", notice) }
  } catch (error) {
    return { to: noted("/cart", missing(error) ? "cartGone" : refusal(error)) }
  }
}

/** Where the visitor buys, and in which language it is read; a cart goes with them. */
export async function setPreferences(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const back = ownPath(form.text("back", 1000))
  const country = form.text("country", 2) || visit.place.country
  const region = visit.regions.find(({ countries }) => countries.includes(country))
  const language = form.text("language", 2)
  const cookies = { ...(isLanguage(language) && { language }), ...(region && { country }) }
  if (!region || country === visit.place.country) return { to: back, cookies }
  const cart = await currentCart(visit)
  if (!cart) return { to: back, cookies }
  try {
    await alone(cart.id, () => updateCart(visit, cart.id, { region_id: region.id, shipping_address: { country_code: country } }))
    return { to: noted("/cart", "regionChanged"), cookies }
  } catch (error) {
    return { to: noted("/cart", refusal(error)) }
  }
}

/** A path of this store, never another site: "//" and a backslash lead away. */
export function ownPath(text: string): string {
  return /^\/(?![/\\])/.test(text) ? text : "/"
}

function backTo(request: Request): string {
  try {
    const { pathname, host } = new URL(request.headers.referer ?? "")
    return host === request.headers.host ? ownPath(pathname) : "/cart"
  } catch {
    return "/cart"
  }
}

function missing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

