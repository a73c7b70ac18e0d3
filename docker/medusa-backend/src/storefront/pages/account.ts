import type { HttpTypes } from "@medusajs/framework/types"
import type { Request } from "express"
import { addressFields, addressOf, isEmail, written } from "../addresses"
import { noted, type Answer, type Page } from "../answer"
import { ApiError, type StoreApi } from "../api"
import { currentCart } from "../carts"
import { Form } from "../forms"
import { address, html } from "../html"
import { money } from "../money"
import { orderPath } from "../orders"
import { button, field } from "../parts"
import type { Visit } from "../visit"
import { date } from "./order"
import { FORGOTTEN } from "./password"

export const SIGN_IN = "/account/sign-in"
const SIGN_UP = "/account/sign-up"
export const LEAST_PASSWORD = 8

/** Medusa's token is over after a day; then somebody signs in again. */
const signedOut = { to: SIGN_IN, cookies: { customer: undefined } }

export async function account(visit: Visit): Promise<Answer> {
  const { texts } = visit
  const found = await whenSignedIn(() => Promise.all([
    visit.api.get<HttpTypes.StoreCustomerResponse>("/store/customers/me"),
    visit.api.get<HttpTypes.StoreOrderListResponse>("/store/orders?limit=50&order=-created_at"),
  ]), visit)
  if (!found) return signedOut
  const [{ customer }, { orders }] = found
  const countries = visit.regions.flatMap((it) => it.countries)
  return {
    title: texts.account,
    body: html`<h1>${texts.hello(customer.first_name || customer.email)}</h1>
<section aria-labelledby="orders"><h2 id="orders">${texts.orders}</h2>
${orders.length === 0 ? html`<p>${texts.noOrders}</p>` : html`<ul class="links">${orders.map((it) => html`<li><a href="${orderPath(it.id)}">${texts.orderTitle(it.display_id ?? 0)}</a>,
${date(visit, it.created_at)}, ${money(it.total, it.currency_code, visit.locale)}</li>`)}</ul>`}</section>
<section aria-labelledby="addresses"><h2 id="addresses">${texts.addresses}</h2>
${(customer.addresses ?? []).length === 0 ? html`<p>${texts.noAddresses}</p>` : html`<ul class="cards">${customer.addresses.map((it) => html`<li>${written(visit, it)}
${button(address`/account/addresses/${it.id}/delete`, texts.remove, {}, `${texts.remove}: ${it.address_1 ?? ""}`)}</li>`)}</ul>`}
<details><summary>${texts.addAddress}</summary><form method="post" action="/account/addresses">${addressFields(visit, {
      first_name: customer.first_name, last_name: customer.last_name,
    }, countries)}<p><button>${texts.addAddress}</button></p></form></details></section>
${button("/account/sign-out", texts.signOut)}`,
  }
}

export async function signInPage(visit: Visit): Promise<Answer> {
  const { texts } = visit
  return {
    title: texts.signIn,
    body: html`<h1>${texts.signIn}</h1><form class="narrow" method="post" action="${SIGN_IN}">
${field({ name: "email", label: texts.email, type: "email", autocomplete: "username", most: 200 })}
${field({ name: "password", label: texts.password, type: "password", autocomplete: "current-password", most: 200 })}
<p><button>${texts.signIn}</button></p></form>${visit.owner.sendsMail && html`<p><a href="${FORGOTTEN}">${texts.forgotPassword}</a></p>`}
<p>${texts.noAccount} <a href="${SIGN_UP}">${texts.signUp}</a></p>`,
  }
}

export async function signUpPage(visit: Visit): Promise<Page> {
  const { texts } = visit
  return {
    title: texts.signUp,
    body: html`<h1>${texts.signUp}</h1><form class="narrow" method="post" action="${SIGN_UP}">
${field({ name: "first_name", label: texts.firstName, autocomplete: "given-name" })}
${field({ name: "last_name", label: texts.lastName, autocomplete: "family-name" })}
${field({ name: "email", label: texts.email, type: "email", autocomplete: "username", most: 200 })}
${field({ name: "password", label: texts.password, type: "password", autocomplete: "new-password", hint: texts.passwordHint, most: 200, least: LEAST_PASSWORD })}
<p><button>${texts.signUp}</button></p></form><p>${texts.haveAccount} <a href="${SIGN_IN}">${texts.signIn}</a></p>`,
  }
}

export async function signIn(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  return enter(visit, form.text("email").toLowerCase(), form.secret("password"))
}

export async function signUp(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const [email, password] = [form.text("email").toLowerCase(), form.secret("password")]
  const [first_name, last_name] = [form.text("first_name", 100), form.text("last_name", 100)]
  if (!isEmail(email)) return { to: noted(SIGN_UP, "badEmail") }
  if (!first_name || !last_name) return { to: noted(SIGN_UP, "incomplete") }
  if (password.length < LEAST_PASSWORD) return { to: noted(SIGN_UP, "shortPassword") }
  try {
    const { token } = await visit.api.post<{ token: string }>("/auth/customer/emailpass/register", { email, password })
    await visit.api.as(token).post("/store/customers", { email, first_name, last_name })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    return { to: noted(SIGN_UP, "accountExists") }
  }
  return enter(visit, email, password)
}

async function enter(visit: Visit, email: string, password: string): Promise<Answer> {
  let token: unknown
  try {
    ({ token } = await visit.api.post<{ token?: unknown }>("/auth/customer/emailpass", { email, password }))
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
  }
  if (typeof token !== "string") return { to: noted(SIGN_IN, "wrongPassword") }
  return { to: "/account", cookies: { customer: token, cart: await cartOf(visit, visit.api.as(token)) } }
}

/** What a guest put into the cart is the customer's now; without one, the cart is there that another device filled. */
async function cartOf(visit: Visit, api: StoreApi): Promise<string | undefined> {
  const cart = await currentCart(visit)
  try {
    if (cart) await api.post(address`/store/carts/${cart.id}/customer`, {})
    if (cart) return cart.id
    const { customer } = await api.get<HttpTypes.StoreCustomerResponse>("/store/customers/me")
    return await visit.lastCart(customer.id)
  } catch (error) {
    // Somebody else's cart, who forgot to sign out.
    if (error instanceof ApiError && error.status < 500) return undefined
    throw error
  }
}

/** The cart stays with the account: whoever uses this browser next does not see its addresses. */
export async function signOut(): Promise<Answer> {
  return { to: noted(SIGN_IN, "signedOut"), cookies: { customer: undefined, cart: undefined, count: undefined, payment: undefined } }
}

export async function addAddress(visit: Visit, request: Request): Promise<Answer> {
  const it = addressOf(Form.body(request), visit.regions.flatMap(({ countries }) => countries))
  if (typeof it === "string") return { to: noted("/account", it) }
  return await whenSignedIn(() => visit.api.post("/store/customers/me/addresses", it), visit) ? { to: noted("/account", "saved") } : signedOut
}

export async function deleteAddress(visit: Visit, request: Request): Promise<Answer> {
  const path = address`/store/customers/me/addresses/${request.params.address}`
  return await whenSignedIn(() => visit.api.delete(path), visit) ? { to: noted("/account", "saved") } : signedOut
}

async function whenSignedIn<T>(ask: () => Promise<T>, { customer }: Visit): Promise<T | undefined> {
  if (!customer) return undefined
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined
    throw error
  }
}
