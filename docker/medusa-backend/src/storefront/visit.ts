import type { Request } from "express"
import type { StoreApi } from "./api"
import type { Catalogue } from "./catalogue"
import { money } from "./money"
import type { Owner } from "./owner"
import { chosenPlace, type Place, type Region } from "./places"
import { isLanguage, languages, wishes, type Language, type Texts } from "./texts"

/** The cookies that the storefront sets, all HttpOnly. */
export const cookieNames = {
  cart: "store_cart", count: "store_count", customer: "store_customer", country: "store_country", language: "store_language",
  payment: "store_payment",
} as const
export type CookieName = keyof typeof cookieNames

/** One request of a visitor, and what decides how it is answered. */
export interface Visit {
  owner: Owner
  regions: Region[]
  place: Place
  language: Language
  /** For numbers and dates: "de-AT". */
  locale: string
  texts: Texts
  api: StoreApi
  catalogue: Catalogue
  /** Path and query. */
  url: string
  /** Scheme and host, as the visitor wrote them. */
  origin: string
  /** Of the files that the container in front serves: changes with them. */
  assets: string
  cart?: string
  cartCount: number
  customer?: string
  /** The provider that was chosen in the checkout. */
  payment?: string
  money(amount: number): string
  lastCart(customer: string): Promise<string | undefined>
}

/** What all visits have in common. */
export type Store = Pick<Visit, "api" | "catalogue" | "owner" | "regions" | "origin" | "lastCart">

/** Nothing when the store sells nowhere. */
export function visit(request: Request, { api, catalogue, owner, regions, origin, lastCart }: Store): Visit | undefined {
  const cookies = cookiesOf(request)
  const wished = wishes(request.headers["accept-language"])
  const named = [cookies.language, ...wished.map((it) => it.language)].find(isLanguage)
  const language = named ?? "en"
  const place = chosenPlace(regions, [cookies.country, ...wished.map((it) => it.country)], owner.defaultRegion)
  if (!place) return undefined
  const locale = `${language}-${place.country.toUpperCase()}`
  const assets = request.headers["x-assets-version"]
  return {
    owner, regions, place, language, locale, texts: languages[language], catalogue, api: api.as(cookies.customer),
    url: request.originalUrl, origin, lastCart,
    assets: typeof assets === "string" && /^[0-9a-f]{8,64}$/.test(assets) ? assets : "0",
    cart: cookies.cart, cartCount: Math.min(9999, Number(cookies.count ?? 0)), customer: cookies.customer, payment: cookies.payment,
    money: (amount) => money(amount, place.region.currency, locale),
  }
}

/** What the cookies must look like; others are as if they had not been sent. */
const shapes: Record<CookieName, RegExp> = {
  cart: /^cart_[0-9A-Z]{26}$/, count: /^\d{1,4}$/, customer: /^[\w-]+\.[\w-]+\.[\w-]+$/, country: /^[a-z]{2}$/, language: /^[a-z]{2}$/,
  payment: /^pp_[\w-]{1,100}$/,
}

function cookiesOf(request: Request): Partial<Record<CookieName, string>> {
  const sent = new Map((request.headers.cookie ?? "").split(";").map((part) => {
    const at = part.indexOf("=")
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()]
  }))
  return Object.fromEntries(Object.entries(cookieNames).flatMap(([key, name]) => {
    const value = sent.get(name)
    return value !== undefined && value.length <= 2000 && shapes[key as CookieName].test(value) ? [[key, value]] : []
  }))
}
