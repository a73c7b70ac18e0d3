// Renders the storefront's pages of a store in which every text is the one that standard input gives, a line of JSON each; answers a line each.
// usage: node pages.js APP
const { createInterface } = require("node:readline")
const load = (file) => require(`${process.argv[2]}/src/storefront/${file}.js`)
const { en } = load("texts/en")
const catalogue = load("pages/catalogue")
const plain = load("pages/plain")
const { layout } = load("layout")
const { written } = load("addresses")
const { items, payStep } = load("pages/checkout")

async function pages(text) {
  const options = new Map([[text, new Set([text, `${text}2`])]])
  const entry = {
    id: "1", handle: text, title: text, categories: [text], collection: text, options, price: { amount: 1, before: 2, withTax: true }, varies: true, available: true,
    created: 0, words: "",
  }
  const group = { id: text, handle: text, title: text, description: text }
  const featured = { ...group, handle: "featured" }
  const variant = (id) => ({ id, title: text, sku: text, options: new Map([[text, text + id]]), price: { amount: 1, withTax: false }, stock: { state: "few", left: 3 } })
  const product = { id: "1", handle: text, title: text, subtitle: text, description: text, pictures: [], options: [text], variants: [variant("a"), variant("b")] }
  const visit = {
    owner: { name: text, description: text, banner: text, pages: { terms: text, privacy: text, contact: text }, colour: "#123456" },
    regions: [{ id: "r", currency: "eur", countries: ["de", "at"] }], place: { country: "de", region: { id: "r", currency: "eur", countries: ["de", "at"] } },
    language: "en", locale: "en-DE", texts: en, url: "/" + text, origin: "https://store.example", assets: "0", cartCount: 0, money: (amount) => `€${amount}`,
    catalogue: { shelf: async () => ({ entries: [entry], categories: [group], collections: [featured] }), product: async () => product },
  }
  const request = (params, query = "") => ({ params, originalUrl: `/x?${query}` })
  const query = new URLSearchParams({ q: "", [`option.0${text}0`]: `0${text}0`, sort: text, least: text, page: text }).toString()
  // A provider's page, of which only the scheme is known.
  const session = { provider_id: text, amount: 1, status: "pending", data: { redirect_url: `https://store.example/pay?${text}` } }
  const paying = { ...visit, cart: "cart", api: { get: async () => ({ cart: { items: [], payment_collection: { payment_sessions: [session] } } }) } }
  const shown = [
    await catalogue.home(visit), await catalogue.listing()(visit, request({}, query)), await catalogue.listing("categories")(visit, request({ handle: text })),
    await catalogue.product(visit, request({ handle: text })), await plain.ownersPage(visit, request({ page: "terms" })), plain.notFound(visit),
    { title: text, body: written(visit, { first_name: text, city: text, address_1: text, company: text }) },
    await payStep(paying),
    { title: text, body: items(visit, [{ title: text, product_title: text, variant_title: text, quantity: 1, total: 1 }]) },
  ]
  return [...shown.map((page) => layout(visit, page, { categories: [group] }).toString()), plain.favicon(visit).toString(), await plain.sitemap(visit)]
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  console.log(JSON.stringify(await pages(JSON.parse(line))))
})
