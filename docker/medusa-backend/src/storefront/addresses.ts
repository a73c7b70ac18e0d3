import type { HttpTypes } from "@medusajs/framework/types"
import { Form } from "./forms"
import { html, type Html } from "./html"
import { field } from "./parts"
import { countryName } from "./places"
import type { Notice } from "./texts"
import type { Visit } from "./visit"

export interface Address {
  first_name: string; last_name: string; company: string; address_1: string; address_2: string
  postal_code: string; city: string; province: string; country_code: string; phone: string
}
type AnyAddress = { [Key in keyof Address]?: string | null }

export function addressOf(form: Form, countries: string[]): Address | Notice {
  const it: Address = {
    first_name: form.text("first_name", 100), last_name: form.text("last_name", 100), company: form.text("company", 100),
    address_1: form.text("address_1"), address_2: form.text("address_2"), postal_code: form.text("postal_code", 20), city: form.text("city", 100),
    province: form.text("province", 100), country_code: form.text("country_code", 2), phone: form.text("phone", 40),
  }
  if (!it.first_name || !it.last_name || !it.address_1 || !it.postal_code || !it.city) return "incomplete"
  return countries.includes(it.country_code) ? it : "badCountry"
}

/** One @ with something before it, and a domain after it. */
export function isEmail(text: string): boolean {
  return /^[^\s@<>()",;:\\]+@[^\s@<>()",;:\\.]+(\.[^\s@<>()",;:\\.]+)+$/.test(text) && text.length <= 200
}

export function addressFields(visit: Visit, it: AnyAddress, countries: string[]): Html {
  const { texts, language } = visit
  const chosen = it.country_code ?? visit.place.country
  return html`<div class="pair">${field({ name: "first_name", label: texts.firstName, autocomplete: "given-name", value: it.first_name ?? "" })}
${field({ name: "last_name", label: texts.lastName, autocomplete: "family-name", value: it.last_name ?? "" })}</div>
${field({ name: "company", label: texts.company, autocomplete: "organization", value: it.company ?? "", required: false })}
${field({ name: "address_1", label: texts.street, autocomplete: "address-line1", value: it.address_1 ?? "", most: 200 })}
${field({ name: "address_2", label: texts.street2, autocomplete: "address-line2", value: it.address_2 ?? "", required: false, most: 200 })}
<div class="pair">${field({ name: "postal_code", label: texts.postcode, autocomplete: "postal-code", value: it.postal_code ?? "", most: 20 })}
${field({ name: "city", label: texts.city, autocomplete: "address-level2", value: it.city ?? "" })}</div>
${field({ name: "province", label: texts.province, autocomplete: "address-level1", value: it.province ?? "", required: false })}
<p class="field"><label for="country_code">${texts.country}</label><select id="country_code" name="country_code" autocomplete="country" required>
${countries.map((code) => html`<option value="${code}"${code === chosen && html` selected`}>${countryName(code, language)}</option>`)}</select></p>
${field({ name: "phone", label: texts.phone, type: "tel", autocomplete: "tel", value: it.phone ?? "", required: false, most: 40 })}`
}

export function written(visit: Visit, it: AnyAddress | HttpTypes.StoreCartAddress): Html {
  const lines = [
    [it.first_name, it.last_name], [it.company], [it.address_1], [it.address_2], [it.postal_code, it.city], [it.province],
    [it.country_code && countryName(it.country_code, visit.language)],
  ].map((parts) => parts.filter(Boolean).join(" ")).filter(Boolean)
  return html`<address>${lines.map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</address>`
}
