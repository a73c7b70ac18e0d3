import type { Entry, Price, Stock } from "./catalogue"
import { address, html, type Html } from "./html"
import { sources, type Picture } from "./pictures"
import type { Visit } from "./visit"

/** Pieces that several pages have. */

export function tiles(visit: Visit, entries: Entry[]): Html {
  return html`<ul class="tiles">${entries.map((it, index) => tile(visit, it, index >= 4))}</ul>`
}

function tile(visit: Visit, it: Entry, lazy: boolean): Html {
  const { texts } = visit
  return html`<li class="tile">
${image(it.picture, "", lazy, it.title)}
<h3><a href="${address`/products/${it.handle}`}">${it.title}</a></h3>
<p>${it.price ? price(visit, it.price, it.varies) : texts.notForSale}</p>
${it.price && !it.available && html`<p class="out">${texts.soldOut}</p>`}
</li>`
}

export function price(visit: Visit, it: Price, from = false): Html {
  const amount = visit.money(it.amount)
  return html`<span class="price">${from ? visit.texts.from(amount) : amount}</span>${it.before !== undefined && html`
<s class="before"><span class="hidden">${visit.texts.instead(visit.money(it.before))}</span><span aria-hidden="true">${visit.money(it.before)}</span></s>`}`
}

export function stock(visit: Visit, it: Stock): string {
  const { texts } = visit
  switch (it.state) {
    case "in": return texts.inStock
    case "few": return texts.few(it.left)
    case "order": return texts.onOrder
    case "out": return texts.soldOut
  }
}

/** How wide a picture is shown, as the stylesheet has it. */
const PLACES = {
  tile: "(min-width: 80rem) 18rem, (min-width: 48rem) 33vw, (min-width: 22rem) 50vw, 100vw",
  product: "(min-width: 80rem) 42rem, (min-width: 48rem) 55vw, 100vw",
  thumbnail: "(min-width: 80rem) 10rem, 25vw",
}

/** Without a picture, the first letter of what it would show. */
export function image(it: Picture | undefined, alt: string, lazy: boolean, title: string, place: keyof typeof PLACES = "tile"): Html {
  if (!it) return html`<span class="picture none" aria-hidden="true">${[...title][0] ?? "?"}</span>`
  const { src, srcset } = sources(it)
  return html`<img class="picture" src="${src}"${srcset && html` srcset="${srcset}" sizes="${PLACES[place]}"`} alt="${alt}"${
    it.width !== undefined && html` width="${it.width}" height="${it.height}"`}${
    lazy && html` loading="lazy"`} decoding="async">`
}

export interface Field {
  name: string; label: string; type?: string; autocomplete?: string; value?: string; required?: boolean; hint?: string; most?: number; least?: number
  /** Required as soon as the part of the form that it is in counts, which the script sees to. */
  needed?: boolean
}

export function field(it: Field): Html {
  const { name, label, type = "text", autocomplete = "off", value = "", required = true, needed = false, hint, most = 100, least } = it
  return html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" maxlength="${most}"${least !== undefined && html` minlength="${least}"`}${
  required && html` required`}${needed && html` data-needed`}${hint && html` aria-describedby="${name}-hint"`}>
${hint && html`<small id="${name}-hint">${hint}</small>`}</p>`
}

/** A form of one button. */
export function button(action: string, label: string, fields: Record<string, string> = {}, name?: string): Html {
  return html`<form method="post" action="${action}">${Object.entries(fields).map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}
<button class="quiet"${name && html` aria-label="${name}"`}>${label}</button></form>`
}
