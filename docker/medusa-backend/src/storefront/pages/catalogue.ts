import type { Request } from "express"
import type { Answer, Page } from "../answer"
import type { Product, Shelf, Variant } from "../catalogue"
import { Form } from "../forms"
import { address, html, paragraphs, type Html } from "../html"
import { pathOf, select, selectionOf, sorts, type Listing, type Selection } from "../listing"
import { step } from "../money"
import { meant } from "../spelling"
import { image, price, stock, tiles } from "../parts"
import type { Visit } from "../visit"
import { notFound } from "./plain"

const NEWEST = 8
const FEATURED = "featured"

export async function home(visit: Visit): Promise<Page> {
  const { owner, texts, origin } = visit
  const shelf = await visit.catalogue.shelf(visit.place)
  const featured = shelf.collections.find(({ handle }) => handle === FEATURED)
  const shown = featured ? shelf.entries.filter(({ collection }) => collection === featured.id).slice(0, NEWEST) : []
  const newest = shelf.entries.slice(0, NEWEST)
  return {
    title: owner.name, description: owner.description, canonical: "/", picture: newest[0]?.picture,
    data: [{ "@context": "https://schema.org", "@type": "WebSite", name: owner.name, url: `${origin}/` }],
    body: html`<h1${!owner.description && html` class="hidden"`}>${owner.description ?? owner.name}</h1>
${shown.length > 0 && html`<section aria-labelledby="featured"><h2 id="featured">${featured!.title}</h2>${tiles(visit, shown)}</section>`}
<section aria-labelledby="newest"><h2 id="newest">${texts.newest}</h2>
${newest.length > 0 ? tiles(visit, newest) : html`<p>${texts.nothingToBuy}</p>`}
<p><a href="/products">${texts.allProducts}</a></p></section>
${groups(visit, shelf)}`,
  }
}

function groups({ texts }: Visit, { categories, collections }: Shelf): Html {
  return html`${([["categories", categories], ["collections", collections]] as const).map(([kind, list]) => list.length > 0 && html`
<section aria-labelledby="${kind}"><h2 id="${kind}">${texts[kind]}</h2>
<ul class="links">${list.map((it) => html`<li><a href="${address`/${kind}/${it.handle}`}">${it.title}</a></li>`)}</ul></section>`)}`
}

/** All products, a category, a collection or a search. */
export function listing(kind?: "categories" | "collections") {
  return async (visit: Visit, request: Request): Promise<Answer> => {
    const shelf = await visit.catalogue.shelf(visit.place)
    const group = kind && shelf[kind].find(({ handle }) => handle === request.params.handle)
    if (kind && !group) return notFound(visit)
    const selection = selectionOf(Form.query(request), { [kind === "categories" ? "category" : "collection"]: group })
    const found = select(shelf, selection, visit.locale)
    const search = found.count === 0 && selection.search ? meant(selection.search, shelf) : undefined
    const guessed = { ...selection, search: search ?? "" }
    const nearly = search ? select(shelf, guessed, visit.locale) : found
    return nearly.count > 0 && search ? show(visit, shelf, guessed, nearly, selection.search) : show(visit, shelf, selection, found)
  }
}

/** `asked`: what was searched for in vain, where this is what was probably meant. */
function show(visit: Visit, shelf: Shelf, selection: Selection, found: Listing, asked?: string): Page {
  const { texts } = visit
  const group = selection.category ?? selection.collection
  const title = selection.search ? texts.searchResults(selection.search) : group?.title ?? texts.allProducts
  // A filtered list is no page of its own to a search engine.
  const plain = pathOf({ ...selection, search: "", options: new Map(), least: undefined, most: undefined, available: false, sort: "newest" }, found.page)
  const isPlain = plain === pathOf(selection, found.page)
  return {
    title: found.page > 1 ? `${title} (${found.page})` : title, description: group?.description, canonical: isPlain ? plain : undefined,
    picture: found.entries[0]?.picture,
    body: html`<h1>${title}</h1>
${group?.description && paragraphs(group.description)}
<div class="listing">
${filters(visit, selection, found)}
<div>
${asked !== undefined && html`<p role="status">${texts.nothingFoundFor(asked)}</p>`}
<h2 class="count">${texts.results(found.count)}</h2>
${found.count > 0 ? tiles(visit, found.entries) : html`<p>${shelf.entries.length > 0 ? texts.nothingFound : texts.nothingToBuy}</p>
${groups(visit, shelf)}`}
${pager(visit, selection, found)}
</div></div>`,
  }
}

function filters(visit: Visit, it: Selection, { choices }: Listing): Html {
  const { texts, place } = visit
  const [action] = pathOf({ ...it }, 1).split("?")
  const amount = (name: "least" | "most", label: string) => html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="number" min="0" step="${step(place.region.currency)}" inputmode="decimal" value="${it[name]}"></p>`
  const isSet = pathOf(it, 1).includes("?")
  return html`<details class="filters"${isSet && html` open`}><summary>${texts.filters}</summary>
<form action="${action}">
${it.search && html`<input type="hidden" name="q" value="${it.search}">`}
<p class="field"><label for="sort">${texts.sort}</label><select id="sort" name="sort">
${sorts.map((sort) => html`<option value="${sort}"${sort === it.sort && html` selected`}>${texts.sorts[sort]}</option>`)}</select></p>
${[...choices].map(([title, values], index) => html`<p class="field"><label for="option-${index}">${title}</label>
<select id="option-${index}" name="option.${title}"><option value="">${texts.any}</option>
${values.map((value) => html`<option${it.options.get(title) === value && html` selected`}>${value}</option>`)}</select></p>`)}
${amount("least", texts.priceFrom)}${amount("most", texts.priceTo)}
<p><label><input type="checkbox" name="available" value="1"${it.available && html` checked`}> ${texts.inStockOnly}</label></p>
<p><button>${texts.filter}</button> <a href="${action}">${texts.reset}</a></p>
</form></details>`
}

function pager({ texts }: Visit, selection: Selection, { page, pages }: Listing): Html | false {
  return pages > 1 && html`<nav class="pager" aria-label="${texts.pages}">
${page > 1 && html`<a rel="prev" href="${pathOf(selection, page - 1)}">${texts.previous}</a>`}
<span>${texts.page(page, pages)}</span>
${page < pages && html`<a rel="next" href="${pathOf(selection, page + 1)}">${texts.next}</a>`}
</nav>`
}

export async function product(visit: Visit, request: Request): Promise<Answer> {
  const it = await visit.catalogue.product(visit.place, request.params.handle)
  if (!it) return notFound(visit)
  const { texts } = visit
  const shelf = await visit.catalogue.shelf(visit.place)
  const own = shelf.entries.find(({ id }) => id === it.id)
  const alike = own ? shelf.entries.filter((entry) => entry.id !== it.id && entry.categories.some((id) => own.categories.includes(id))).slice(0, 4) : []
  const above = shelf.categories.filter(({ id }) => own?.categories.includes(id))
  return {
    title: it.title, description: it.description ?? it.subtitle, picture: it.pictures[0], canonical: address`/products/${it.handle}`,
    data: [described(visit, it)],
    body: html`<article class="product">
<div class="pictures" role="group" aria-label="${texts.pictures}">
${it.pictures.length > 0
    ? it.pictures.map((one, index) => html`<a href="${one.path}">${image(one, index === 0 ? it.title : `${it.title} (${index + 1})`, index > 0, it.title,
      index === 0 ? "product" : "thumbnail")}</a>`)
    : image(undefined, "", false, it.title)}
</div>
<div>
${above.length > 0 && html`<p>${above.map((group) => html`<a href="${address`/categories/${group.handle}`}">${group.title}</a> `)}</p>`}
<h1>${it.title}</h1>
${it.subtitle && html`<p>${it.subtitle}</p>`}
${buy(visit, it)}
${it.description && html`<h2>${texts.description}</h2>${paragraphs(it.description)}`}
</div>
</article>
${alike.length > 0 && html`<section aria-labelledby="alike"><h2 id="alike">${texts.moreLikeThis}</h2>${tiles(visit, alike)}</section>`}`,
  }
}

function buy(visit: Visit, it: Product): Html {
  const { texts } = visit
  const sold = it.variants.filter((one) => one.price)
  if (sold.length === 0) return html`<p class="out">${texts.notForSale}</p>`
  const open = sold.filter((one) => one.stock.state !== "out")
  const first = (open.length > 0 ? open : sold).reduce((one, other) => other.price!.amount < one.price!.amount ? other : one)
  const varies = new Set(sold.map((one) => one.price!.amount)).size > 1
  return html`<p class="large" data-price>${price(visit, first.price!, varies)}</p>
<p class="tax">${first.price!.withTax ? texts.taxIncluded : texts.taxExcluded}</p>
${sold.length === 1 && html`<p>${stock(visit, first.stock)}</p>`}
${open.length === 0 ? html`<p class="out">${texts.soldOut}</p>` : html`<form class="buy" method="post" action="/cart/items">
${sold.length === 1 ? html`<input type="hidden" name="variant" value="${first.id}">` : html`<p class="field"><label for="variant">${texts.variant}</label>
<select id="variant" name="variant" required autocomplete="off"><option value=""></option>${sold.map((one) => option(visit, it, one))}</select></p>`}
<p class="field"><label for="quantity">${texts.quantity}</label>
<input id="quantity" name="quantity" type="number" min="1" max="999" value="1" required inputmode="numeric" autocomplete="off"></p>
<p><button>${texts.addToCart}</button></p></form>`}`
}

/** With JavaScript one list for each option comes of it, by `data-values`. */
function option(visit: Visit, it: Product, one: Variant): Html {
  const values = it.options.map((title) => one.options.get(title) ?? "")
  const name = values.filter(Boolean).join(" / ") || one.title
  const amount = visit.money(one.price!.amount)
  return html`<option value="${one.id}" data-values="${JSON.stringify(values)}" data-titles="${JSON.stringify(it.options)}" data-price="${amount}"
 data-stock="${stock(visit, one.stock)}"${one.stock.state === "out" && html` disabled`}>${name} – ${amount} – ${stock(visit, one.stock)}</option>`
}

function described({ origin, place }: Visit, it: Product): object {
  const url = origin + address`/products/${it.handle}`
  return {
    "@context": "https://schema.org", "@type": "Product", name: it.title, url, description: it.description,
    image: it.pictures.map(({ path }) => origin + path), sku: it.variants[0]?.sku,
    offers: it.variants.filter((one) => one.price).map((one) => ({
      "@type": "Offer", url, sku: one.sku, name: one.title, price: String(one.price!.amount), priceCurrency: place.region.currency.toUpperCase(),
      availability: `https://schema.org/${{ in: "InStock", few: "LimitedAvailability", order: "BackOrder", out: "OutOfStock" }[one.stock.state]}`,
    })),
  }
}
