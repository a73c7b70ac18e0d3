import type { Request } from "express"
import type { Answer, Page } from "../answer"
import { MOST_PRODUCTS } from "../catalogue"
import { address, html, Html, paragraphs } from "../html"
import { ownersPages, readableOn } from "../owner"
import type { Visit } from "../visit"

export function notFound({ texts }: Visit): Page {
  return { status: 404, title: texts.notFound, body: html`<h1>${texts.notFound}</h1><p>${texts.notFoundText}</p><p><a href="/products">${texts.toCatalogue}</a></p>` }
}

export function failed({ texts }: Visit, status: number): Page {
  return { status, title: texts.failed, body: html`<h1>${texts.failed}</h1><p>${texts.failedText}</p>` }
}

export function refused({ texts }: Visit): Page {
  return { status: 403, title: texts.refused, body: html`<h1>${texts.refused}</h1><p>${texts.refusedText}</p>` }
}

/** Terms, privacy, contact: what the owner wrote. */
export async function ownersPage(visit: Visit, request: Request): Promise<Answer> {
  const page = ownersPages.find((it) => it === request.params.page)
  const text = page && visit.owner.pages[page]
  if (!text) return notFound(visit)
  const title = visit.texts[page]
  return { title, canonical: `/pages/${page}`, body: html`<h1>${title}</h1><div class="text">${paragraphs(text)}</div>` }
}

export function robots({ origin }: Visit): string {
  return `User-agent: *\n${["/account", "/app", "/cart", "/checkout", "/orders/"].map((path) => `Disallow: ${path}\n`).join("")}\nSitemap: ${origin}/sitemap.xml\n`
}

export async function sitemap(visit: Visit): Promise<string> {
  const { entries, categories, collections } = await visit.catalogue.shelf(visit.place)
  const paths = [
    "/", "/products", ...ownersPages.filter((page) => visit.owner.pages[page]).map((page) => `/pages/${page}`),
    ...categories.map(({ handle }) => address`/categories/${handle}`), ...collections.map(({ handle }) => address`/collections/${handle}`),
    ...entries.slice(0, MOST_PRODUCTS).map(({ handle }) => address`/products/${handle}`),
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${html`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${paths.map((path) => html`<url><loc>${visit.origin + path}</loc></url>\n`)}</urlset>\n`}`
}

/** The store's initial on its colour. */
export function favicon({ owner }: Visit): Html {
  const colour = owner.colour ?? "#1f4f46"
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="${colour}"/>
<text x="32" y="45" text-anchor="middle" font-family="system-ui, sans-serif" font-size="36" font-weight="700" fill="${readableOn(colour)}">${
  [...owner.name][0]?.toUpperCase() ?? "?"}</text></svg>`
}

/** The owner's colour in place of the stylesheet's. */
export function theme({ owner }: Visit): string {
  return owner.colour ? `:root { --accent: ${owner.colour}; --on-accent: ${readableOn(owner.colour)}; }\n` : ""
}
