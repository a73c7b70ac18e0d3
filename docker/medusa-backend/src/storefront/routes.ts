import type { Express, Request, RequestHandler, Response } from "express"
import type { MedusaContainer } from "@medusajs/framework/types"
import { otherHosts, storeUrl } from "../lib/settings"
import { log } from "../store/log"
import type { Answer } from "./answer"
import { ApiError, StoreApi } from "./api"
import { Catalogue } from "./catalogue"
import { lastCart } from "./carts"
import { onChange } from "./changes"
import { Form, isOwn } from "./forms"
import { Kept } from "./kept"
import { layout } from "./layout"
import { readOwner, type Owner } from "./owner"
import * as accounts from "./pages/account"
import * as cart from "./pages/cart"
import { home, listing, product } from "./pages/catalogue"
import * as checkout from "./pages/checkout"
import { orderPage } from "./pages/order"
import * as passwords from "./pages/password"
import * as plain from "./pages/plain"
import { PAY, RETURN } from "./payments"
import { readRegions, type Region } from "./places"
import { addPictures } from "./resized"
import { en, isNotice } from "./texts"
import { cookieNames, visit as visitOf, type CookieName, type Visit } from "./visit"

type Handler = (visit: Visit, request: Request) => Promise<Answer>

const pages: Record<string, Handler> = {
  "/": home,
  "/products": listing(),
  "/categories/:handle": listing("categories"),
  "/collections/:handle": listing("collections"),
  "/products/:handle": product,
  "/cart": cart.cartPage,
  "/checkout": checkout.addressStep,
  "/checkout/delivery": checkout.deliveryStep,
  "/checkout/summary": checkout.summaryStep,
  [PAY]: checkout.payStep,
  [RETURN]: checkout.returned,
  "/orders/:id/:key": orderPage,
  "/account": accounts.account,
  "/account/sign-in": accounts.signInPage,
  "/account/sign-up": accounts.signUpPage,
  "/account/forgotten": passwords.forgottenPage,
  "/account/new-password": passwords.newPasswordPage,
  "/pages/:page": plain.ownersPage,
}

const forms: Record<string, Handler> = {
  "/cart/items": cart.addItem,
  "/cart/items/:item": cart.changeItem,
  "/cart/promotion": cart.addPromotion,
  "/cart/promotion/remove": cart.removePromotion,
  "/checkout": checkout.saveAddress,
  "/checkout/delivery": checkout.saveDelivery,
  "/checkout/order": checkout.placeOrder,
  "/account/sign-in": accounts.signIn,
  "/account/sign-up": accounts.signUp,
  "/account/sign-out": accounts.signOut,
  "/account/forgotten": passwords.sendLink,
  "/account/new-password": passwords.savePassword,
  "/account/addresses": accounts.addAddress,
  "/account/addresses/:address/delete": accounts.deleteAddress,
  "/preferences": cart.setPreferences,
}

/** The files that are made of the store, with their media types and how long they are kept. */
const files: Record<string, [string, number, (visit: Visit) => string | Promise<string>]> = {
  "/robots.txt": ["text/plain", 3600, plain.robots],
  "/sitemap.xml": ["application/xml", 3600, plain.sitemap],
  "/favicon.svg": ["image/svg+xml", 86_400, (visit) => plain.favicon(visit).toString()],
  "/favicon.ico": ["image/svg+xml", 86_400, (visit) => plain.favicon(visit).toString()],
  "/theme.css": ["text/css", 86_400, plain.theme],
}

const MONTH_MS = 30 * 86_400_000
/** No event tells that the owner changed a setting. */
const OWNER_AGE_MS = 5000

/** Nobody frames the pages, they run this store's script alone, and ask this store alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
].join("; ")

/** The pages that visitors see, after Medusa's own routes. `port`: where this process listens. */
export function addStorefront(app: Express, container: MedusaContainer, port: number): void {
  const owner = new Kept(() => readOwner(container), OWNER_AGE_MS)
  const api = new StoreApi(port, async () => (await owner.get()).publishableKey ?? "")
  const regions = new Kept(() => readRegions(api), OWNER_AGE_MS)
  const catalogue = new Catalogue(api, (message) => log("warn", message))
  onChange(() => {
    owner.drop()
    regions.drop()
    catalogue.drop()
  })
  const begin = async (request: Request): Promise<Visit> => {
    const [store, places]: [Owner, Region[]] = await Promise.all([owner.get(), regions.get()])
    const it = visitOf(request, { api, catalogue, owner: store, regions: places, origin: storeUrl(), lastCart: (customer) => lastCart(container, customer) })
    if (!it) throw new ApiError(503, "unavailable", "the store has no region to sell in")
    return it
  }
  const answered = (handler: Handler): RequestHandler => async (request, response) => {
    try {
      const visit = await begin(request)
      try {
        // PostgreSQL knows no text with a NUL in it.
        const isText = !Object.values(request.params).some((it) => /\p{Cc}/u.test(it))
        await send(request, response, visit, isText ? await handler(visit, request) : plain.notFound(visit))
      } catch (error) {
        await send(request, response, visit, unexpected(error, visit))
      }
    } catch (error) {
      log("error", `storefront: ${(error as Error).message}`)
      response.status(503).set("Retry-After", "5").type("text").send(`${en.failedText}\n`)
    }
  }
  const hosts = new Kept(async () => otherHosts(), OWNER_AGE_MS)
  // A store has one address: who came to another of its hosts is sent there. Not for long, since its owner may choose another one.
  const atItsAddress: RequestHandler = async (request, response, next) => {
    const host = request.headers.host?.toLowerCase().replace(/:\d+$/, "") ?? ""
    // While pods are replaced, one may read the hosts of the other's address.
    if (host === new URL(storeUrl()).hostname || !(await hosts.get()).has(host)) return next()
    response.set("Cache-Control", "public, max-age=300").redirect(301, storeUrl() + request.originalUrl)
  }
  addPictures(app)
  for (const [path, handler] of Object.entries(pages)) app.get(path, atItsAddress, answered(handler))
  for (const [path, handler] of Object.entries(forms)) {
    app.post(path, answered(async (visit, request) => isOwn(request) ? handler(visit, request) : plain.refused(visit)))
  }
  // Where a form was sent to, its reader may come back without one: after a page that said to try again, or by the browser's history.
  for (const path of Object.keys(forms).filter((it) => !(it in pages))) {
    app.get(path, answered(async () => ({ to: path.startsWith("/account") ? "/account" : path.startsWith("/checkout") ? "/checkout/summary" : "/cart" })))
  }
  for (const [path, [type, seconds, make]] of Object.entries(files)) {
    app.get(path, async (request, response, next) => {
      try {
        const text = await make(await begin(request))
        response.type(type).set("Cache-Control", `public, max-age=${seconds}`).set("Content-Security-Policy", CONTENT_SECURITY_POLICY).send(text)
      } catch (error) {
        next(error)
      }
    })
  }
  app.get("*", answered(async (visit) => plain.notFound(visit)))
}

function unexpected(error: unknown, visit: Visit): Answer {
  if (error instanceof ApiError && error.status === 404) return plain.notFound(visit)
  log("error", `storefront: ${visit.url.split("?", 1)[0]}: ${(error as Error).stack}`)
  // What Medusa could not do just now may go in a moment; what it refuses, and what is wrong here, will not.
  const status = error instanceof ApiError ? (error.status >= 500 ? 503 : 400) : 500
  return plain.failed(visit, status)
}

async function send(request: Request, response: Response, visit: Visit, answer: Answer): Promise<void> {
  response.set("Cache-Control", "private, no-store").set("Vary", "Cookie, Accept-Language")
  for (const [name, value] of Object.entries(answer.cookies ?? {})) setCookie(response, name as CookieName, value)
  if ("to" in answer) {
    response.redirect(303, answer.to)
    return
  }
  const { status = 200 } = answer
  if (status === 503) response.set("Retry-After", "5")
  const notice = Form.query(request).text("notice", 40)
  const page = { ...answer, notice: answer.notice ?? (isNotice(notice) ? notice : undefined) }
  const { categories } = await visit.catalogue.shelf(visit.place)
  response.status(status).type("html").set("Content-Security-Policy", CONTENT_SECURITY_POLICY).set("X-Content-Type-Options", "nosniff")
    .set("Referrer-Policy", "strict-origin-when-cross-origin").send(layout(visit, page, { categories }).toString())
}

function setCookie(response: Response, name: CookieName, value: string | undefined): void {
  const secure = storeUrl().startsWith("https://")
  const options = { httpOnly: true, sameSite: "lax", secure, path: "/" } as const
  if (value === undefined) response.clearCookie(cookieNames[name], options)
  else response.cookie(cookieNames[name], value, { ...options, maxAge: MONTH_MS, encode: String })
}
