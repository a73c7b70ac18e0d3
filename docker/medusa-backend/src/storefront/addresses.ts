import type { HttpTypes } from "@medusajs/framework/types"
import { Form } from "./forms"
import { html, type Html } from "./html"
import { field as anyField, type Field } from "./parts"
import { countryName } from "./places"
import type { Notice } from "./texts"
import type { Visit } from "./visit"

export interface Address {
  first_name: string; last_name: string; company: string; address_1: string; address_2: string
  postal_code: string; city: string; province: string; country_code: string; phone: string
}
export type AnyAddress = { [Key in keyof Address]?: string | null }

const addressKeys = [
  "first_name", "last_name", "company", "address_1", "address_2", "postal_code", "city", "province", "country_code", "phone",
] as const satisfies readonly (keyof Address)[]

/** Before the names of a billing address' fields. */
export const BILLING = "billing_"

/** `prefix`: of the fields' names, where a form has two addresses. */
export function addressOf(form: Form, countries: string[], prefix = ""): Address | Notice {
  const text = (name: keyof Address, most?: number) => form.text(prefix + name, most)
  const it: Address = {
    first_name: text("first_name", 100), last_name: text("last_name", 100), company: text("company", 100),
    address_1: text("address_1"), address_2: text("address_2"), postal_code: text("postal_code", 20), city: text("city", 100),
    province: text("province", 100), country_code: text("country_code", 2), phone: text("phone", 40),
  }
  if (!it.first_name || !it.last_name || !it.address_1 || !it.postal_code || !it.city) return "incomplete"
  return countries.includes(it.country_code) ? it : "badCountry"
}

/** One @ with something before it, and a domain after it. */
export function isEmail(text: string): boolean {
  return /^[^\s@<>()",;:\\]+@[^\s@<>()",;:\\.]+(\.[^\s@<>()",;:\\.]+)+$/.test(text) && text.length <= 200
}

/** A cart or an order. */
export interface Addressed { shipping_address?: AnyAddress | null; billing_address?: AnyAddress | null }

/** The billing address, when it is not that of the delivery. */
export function otherBilling({ shipping_address: delivery, billing_address: bill }: Addressed): AnyAddress | undefined {
  return bill?.address_1 && addressKeys.some((key) => (bill[key] || "") !== (delivery?.[key] || "")) ? bill : undefined
}

/**
 * `of`: which of two addresses it is, where a form has two. The browser insists on the fields unless `insists` is false; the server does in
 * any case, and says what is missing.
 */
export function addressFields(visit: Visit, it: AnyAddress, countries: string[], of?: "shipping" | "billing", insists = true): Html {
  const { texts, language } = visit
  const chosen = it.country_code ?? visit.place.country
  const prefix = of === "billing" ? BILLING : ""
  const field = ({ name, autocomplete, required = true, ...rest }: Field) => anyField({
    ...rest, name: prefix + name, autocomplete: of ? `${of} ${autocomplete}` : autocomplete, required: required && insists, needed: required && !insists,
  })
  return html`<div class="pair">${field({ name: "first_name", label: texts.firstName, autocomplete: "given-name", value: it.first_name ?? "" })}
${field({ name: "last_name", label: texts.lastName, autocomplete: "family-name", value: it.last_name ?? "" })}</div>
${field({ name: "company", label: texts.company, autocomplete: "organization", value: it.company ?? "", required: false })}
${field({ name: "address_1", label: texts.street, autocomplete: "address-line1", value: it.address_1 ?? "", most: 200 })}
${field({ name: "address_2", label: texts.street2, autocomplete: "address-line2", value: it.address_2 ?? "", required: false, most: 200 })}
<div class="pair">${field({ name: "postal_code", label: texts.postcode, autocomplete: "postal-code", value: it.postal_code ?? "", most: 20 })}
${field({ name: "city", label: texts.city, autocomplete: "address-level2", value: it.city ?? "" })}</div>
${field({ name: "province", label: texts.province, autocomplete: "address-level1", value: it.province ?? "", required: false })}
<p class="field"><label for="${prefix}country_code">${texts.country}</label><select id="${prefix}country_code" name="${prefix}country_code" autocomplete="${of && `${of} `}country" required>
${countries.map((code) => html`<option value="${code}"${code === chosen && html` selected`}>${countryName(code, language)}</option>`)}</select></p>
${field({ name: "phone", label: texts.phone, type: "tel", autocomplete: "tel", value: it.phone ?? "", required: false, most: 40 })}`
}

export function addressLines(it: AnyAddress | HttpTypes.StoreCartAddress, language: string): string[] {
  return [
    [it.first_name, it.last_name], [it.company], [it.address_1], [it.address_2], [it.postal_code, it.city], [it.province],
    [it.country_code && countryName(it.country_code, language)],
  ].map((parts) => parts.filter(Boolean).join(" ")).filter(Boolean)
}

export function written(visit: Visit, it: AnyAddress | HttpTypes.StoreCartAddress): Html {
  const lines = addressLines(it, visit.language)
  return html`<address>${lines.map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</address>`
}
