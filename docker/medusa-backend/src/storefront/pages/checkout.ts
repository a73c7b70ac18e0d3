import type { HttpTypes } from "@medusajs/framework/types"
import type { Request } from "express"
import { addressFields, addressOf, BILLING, isEmail, otherBilling, written, type Addressed } from "../addresses"
import { noted, type Answer, type Page } from "../answer"
import { log } from "../../store/log"
import { ApiError } from "../api"
import { alone, currentCart, pieces, readCart, refreshed, refusal, seal, updateCart, type Cart } from "../carts"
import { Form } from "../forms"
import { address, html, type Html } from "../html"
import { orderPath } from "../orders"
import { button, field } from "../parts"
import { beginPayment, hosted, isUnpaid, PAY, paymentName, payments } from "../payments"
import type { Texts } from "../texts"
import type { Visit } from "../visit"
import { totals, variantName } from "./cart"

type Step = keyof Texts["steps"]
const paths: Record<Step, string> = { address: "/checkout", delivery: "/checkout/delivery", summary: "/checkout/summary" }

/** A step of the checkout that needs a cart with something in it, and the steps before it. */
function step(name: Step, show: (visit: Visit, cart: Cart) => Promise<Page>): (visit: Visit) => Promise<Answer> {
  return async (visit) => {
    const cart = await currentCart(visit)
    if (!cart || cart.items.length === 0) return { to: "/cart" }
    if (name !== "address" && !isAddressed(cart)) return { to: paths.address }
    if (name === "summary" && !(isDelivered(cart) && visit.payment)) return { to: paths.delivery }
    visit.cartCount = pieces(cart)
    return show(visit, cart)
  }
}

const isAddressed = (cart: Cart) => Boolean(cart.email && cart.shipping_address?.address_1)
const isDelivered = (cart: Cart) => (cart.shipping_methods ?? []).length > 0

export const addressStep = step("address", async (visit, cart) => {
  const { texts } = visit
  const { customer } = visit.customer ? await visit.api.get<HttpTypes.StoreCustomerResponse>("/store/customers/me").catch(() => ({ customer: undefined })) : {}
  const countries = regionOf(visit, cart)
  const billing = otherBilling(cart)
  const saved = (customer?.addresses ?? []).filter((it) => it.country_code && countries.includes(it.country_code))
  return page(visit, "address", html`${saved.length > 0 && html`<section aria-labelledby="saved"><h2 id="saved">${texts.savedAddress}</h2>
<ul class="cards">${saved.map((it) => html`<li>${written(visit, it)}${button(paths.address, texts.useAddress, {
    email: cart.email ?? customer!.email, ...Object.fromEntries(Object.entries(it).filter(([, value]) => typeof value === "string")) as Record<string, string>,
  })}</li>`)}</ul></section>`}
<form method="post" action="${paths.address}">
${field({ name: "email", label: texts.email, type: "email", autocomplete: "email", value: cart.email ?? customer?.email ?? "", most: 200 })}
${addressFields(visit, cart.shipping_address ?? {}, countries, "shipping")}
<input id="billing" name="billing" type="checkbox" value="1" autocomplete="off"${billing && html` checked`}> <label for="billing">${texts.otherBilling}</label>
<fieldset class="billing"><legend>${texts.billTo}</legend>
${addressFields(visit, billing ?? {}, sellingCountries(visit), "billing", false)}</fieldset>
<p><button>${texts.continue}</button> <a href="/cart">${texts.back}</a></p></form>`)
})

export async function saveAddress(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const cart = await currentCart(visit)
  if (!cart) return { to: noted("/cart", "cartGone") }
  const email = form.text("email").toLowerCase()
  if (!isEmail(email)) return { to: noted(paths.address, "badEmail") }
  const where = addressOf(form, regionOf(visit, cart))
  if (typeof where === "string") return { to: noted(paths.address, where) }
  const bill = form.text("billing") === "1" ? addressOf(form, sellingCountries(visit), BILLING) : where
  if (typeof bill === "string") return { to: noted(paths.address, bill === "incomplete" ? "incompleteBilling" : bill) }
  try {
    await alone(cart.id, () => updateCart(visit, cart.id, { email, shipping_address: where, billing_address: bill, locale: visit.locale }))
    return { to: paths.delivery, cookies: { country: where.country_code } }
  } catch (error) {
    return { to: noted("/cart", refusal(error)) }
  }
}

export const deliveryStep = step("delivery", async (visit, cart) => {
  const { texts } = visit
  const [options, providers] = await Promise.all([deliveries(visit, cart), payments(visit, cart)])
  const chosen = cart.shipping_methods?.[0]?.shipping_option_id ?? options[0]?.id
  const payment = providers.find(({ id }) => id === visit.payment) ?? providers[0]
  if (options.length === 0 || providers.length === 0) {
    return page(visit, "delivery", html`<p>${options.length === 0 ? texts.noDelivery : texts.noPayment}</p><p><a href="${paths.address}">${texts.back}</a></p>`)
  }
  return page(visit, "delivery", html`<form method="post" action="${paths.delivery}">
<fieldset><legend>${texts.chooseDelivery}</legend>${options.map((it) => html`<p><label><input type="radio" name="delivery" value="${it.id}" required${
    it.id === chosen && html` checked`}> ${it.name}: ${it.amount > 0 ? visit.money(it.amount) : texts.free}</label></p>`)}</fieldset>
<fieldset><legend>${texts.choosePayment}</legend>${providers.map((it) => html`<p><label><input type="radio" name="payment" value="${it.id}" required${
    it === payment && html` checked`}> ${paymentName(visit, it.id)}</label></p>`)}</fieldset>
<p><button>${texts.continue}</button> <a href="${paths.address}">${texts.back}</a></p></form>`)
})

export async function saveDelivery(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const cart = await currentCart(visit)
  if (!cart) return { to: noted("/cart", "cartGone") }
  const provider = (await payments(visit, cart)).find(({ id }) => id === form.text("payment"))
  if (!provider) return { to: noted(paths.delivery, "chooseDelivery") }
  try {
    await alone(cart.id, () => visit.api.post(address`/store/carts/${cart.id}/shipping-methods`, { option_id: form.text("delivery") }))
    return { to: paths.summary, cookies: { payment: provider.id } }
  } catch (error) {
    // An option that does not deliver there, or not any more.
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    return { to: noted(paths.delivery, error.isConflict ? "busy" : "chooseDelivery") }
  }
}

export const summaryStep = step("summary", async (visit, before) => {
  const { texts } = visit
  const cart = await alone(before.id, () => refreshed(visit, before))
  const shown = page(visit, "summary", html`<div class="columns"><section>
<h2>${texts.deliveryTo}</h2><p>${cart.email}</p>${written(visit, cart.shipping_address!)}
${billedTo(visit, cart)}<p><a href="${paths.address}">${texts.change}</a></p>
<h2>${texts.delivery}</h2><p>${cart.shipping_methods?.map(({ name }) => name).join(", ")}</p>
<h2>${texts.payment}</h2><p>${paymentName(visit, visit.payment!)}</p><p><a href="${paths.delivery}">${texts.change}</a></p>
</section><section>
${items(visit, cart.items)}
${totals(visit, cart)}
<form method="post" action="/checkout/order" data-once>
<input type="hidden" name="cart" value="${cart.id}"><input type="hidden" name="seal" value="${seal(cart)}">
<input type="hidden" name="payment" value="${visit.payment}">
${(visit.owner.pages.terms || visit.owner.pages.privacy) && html`<p>${texts.agree}</p>`}
<p><button class="large">${texts.order}</button></p></form>
</section></div>`)
  return { ...shown, notice: before.total === cart.total ? undefined : "changed" }
})

/** The same cart makes one order, however often this is sent: whoever sends it again is shown the order that is there. */
export async function placeOrder(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const id = form.text("cart")
  if (!/^cart_[0-9A-Z]{26}$/.test(id)) return { to: noted("/cart", "cartGone") }
  return alone(id, async () => {
    const cart = await readCart(visit, id)
    if (!cart) return { to: noted("/cart", "cartGone") }
    try {
      if (!cart.completed_at) {
        if (!isAddressed(cart) || !isDelivered(cart)) return { to: paths.address }
        const now = await refreshed(visit, cart)
        if (seal(now) !== form.text("seal")) return { to: noted(paths.summary, "changed") }
        const begun = await beginPayment(visit, now, form.text("payment"))
        if (begun === "refused") return { to: noted(paths.delivery, "paymentFailed") }
        if (begun === "hosted") return { to: PAY }
      }
      return await complete(visit, id)
    } catch (error) {
      if (error instanceof ApiError && error.status >= 500) return unsure(visit, form, error)
      return { to: noted("/cart", refusal(error)) }
    }
  })
}

/** Back from a provider's page, paid or not: the provider says which. */
export async function returned(visit: Visit): Promise<Answer> {
  const id = visit.cart
  if (!id) return { to: "/cart" }
  return alone(id, async () => {
    const cart = await readCart(visit, id)
    if (!cart) return { to: noted("/cart", "cartGone") }
    // A link from anywhere orders nothing that was not on its way to be paid.
    if (!cart.completed_at && !hosted(cart)) return { to: paths.summary }
    try {
      return await complete(visit, id)
    } catch (error) {
      return { to: noted("/cart", refusal(error)) }
    }
  })
}

/** Leads to the provider's page, which the answer to a form may not do by itself: the policy lets forms go nowhere else. */
export async function payStep(visit: Visit): Promise<Answer> {
  const cart = await currentCart(visit)
  const payment = cart && hosted(cart)
  if (!payment) return { to: paths.summary }
  const { page, provider } = payment
  const title = visit.texts.onward(paymentName(visit, provider))
  return { title, onward: page, body: html`<h1>${title}</h1><p>${visit.texts.onwardText}</p><p><a class="button" href="${page}" rel="external">${title}</a></p>` }
}

/** Medusa gave no answer in time, and may have placed the order all the same. Not a 503, in whose place the container in front shows its own page. */
function unsure({ texts, url }: Visit, form: Form, error: ApiError): Page {
  log("error", `storefront: ${url}: ${error.message}`)
  return {
    status: 500, title: texts.unsure,
    body: html`<h1>${texts.unsure}</h1><p>${texts.unsureText}</p>
${button("/checkout/order", texts.sendAgain, Object.fromEntries(["cart", "seal", "payment"].map((name) => [name, form.text(name)])))}`,
  }
}

async function complete({ api, cart }: Visit, id: string): Promise<Answer> {
  let done: HttpTypes.StoreCompleteCartResponse | undefined
  try {
    done = await api.post<HttpTypes.StoreCompleteCartResponse>(address`/store/carts/${id}/complete`, {})
  } catch (error) {
    if (!isUnpaid(error)) throw error
  }
  if (done?.type !== "order") return { to: noted(paths.delivery, "paymentFailed") }
  return { to: orderPath(done.order.id), cookies: cart === id || !cart ? { cart: undefined, count: undefined, payment: undefined } : {} }
}

async function deliveries({ api }: Visit, cart: Cart): Promise<{ id: string; name: string; amount: number }[]> {
  const { shipping_options } = await api.get<HttpTypes.StoreShippingOptionListResponse>(address`/store/shipping-options?cart_id=${cart.id}`)
  return shipping_options.filter((it) => !it.insufficient_inventory).map(({ id, name, amount }) => ({ id, name, amount }))
}

function regionOf({ regions, place }: Visit, cart: Cart): string[] {
  return (regions.find(({ id }) => id === cart.region_id) ?? place.region).countries
}

/** Where somebody may be billed: wherever the store sells. */
const sellingCountries = ({ regions }: Visit) => regions.flatMap(({ countries }) => countries)

export function billedTo(visit: Visit, it: Addressed): Html | undefined {
  const address = otherBilling(it)
  return address && html`<h2>${visit.texts.billTo}</h2>${written(visit, address)}`
}

export function items(visit: Visit, list: { title: string; product_title?: string | null; variant_title?: string | null; quantity: number; total?: number }[]): Html {
  const { texts } = visit
  return html`<table><thead><tr><th scope="col">${texts.product}</th><th scope="col">${texts.quantity}</th><th scope="col">${texts.sum}</th></tr></thead>
<tbody>${list.map((it) => html`<tr><td>${variantName(it)}${it.product_title ?? it.title}</td><td>${it.quantity}</td><td>${visit.money(it.total ?? 0)}</td></tr>`)}</tbody></table>`
}

function page({ texts }: Visit, current: Step, body: Html): Page {
  return {
    title: texts.checkout,
    body: html`<h1>${texts.checkout}</h1>
<ol class="steps">${(Object.keys(paths) as Step[]).map((name) => html`<li${name === current && html` aria-current="step"`}>${texts.steps[name]}</li>`)}</ol>
${body}`,
  }
}
