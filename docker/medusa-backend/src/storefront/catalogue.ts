import type { HttpTypes } from "@medusajs/framework/types"
import type { StoreApi } from "./api"
import { Kept } from "./kept"
import { picture, uploaded, type Picture } from "./pictures"
import type { Place } from "./places"

const MAX_AGE_MS = 5 * 60_000
/** Countries whose prices are kept at a time, and products whose pages are. */
const SHELVES = 4
const PRODUCTS = 200
const AT_ONCE = 100
/** So many are shown; what a store has beyond is found by nobody, and the log says so. */
export const MOST_PRODUCTS = 10_000
const FEW = 5

/** `before`: what it cost before a price list made it cheaper. `withTax`: whether taxes are in it that the country is known to have. */
export interface Price { amount: number; before?: number; withTax: boolean }

/** What lists know of a product. */
export interface Entry {
  id: string
  handle: string
  title: string
  picture?: Picture
  /** Its categories' ids, and those above them. */
  categories: string[]
  collection?: string
  /** Of each option, the values that its variants have. */
  options: Map<string, Set<string>>
  price?: Price
  /** Whether variants differ in price. */
  varies: boolean
  available: boolean
  created: number
  /** What a search looks in, as `folded` makes it. */
  words: string
}

export interface Group { id: string; handle: string; title: string; description?: string }
export interface Shelf { entries: Entry[]; categories: Group[]; collections: Group[] }

export type Stock = { state: "in" | "order" | "out" } | { state: "few"; left: number }
export interface Variant { id: string; title: string; sku?: string; options: Map<string, string>; price?: Price; stock: Stock }
export interface Product {
  id: string
  handle: string
  title: string
  subtitle?: string
  description?: string
  pictures: Picture[]
  options: string[]
  variants: Variant[]
}

const VARIANT_FIELDS = "variants.id,variants.title,variants.sku,variants.manage_inventory,variants.allow_backorder,variants.options.value,"
  + "*variants.options.option,*variants.calculated_price,+variants.inventory_quantity"

/** The store's products with the prices of each country, kept in memory and loaded anew after changes. */
export class Catalogue {
  private readonly shelves = new Map<string, Kept<Shelf>>()
  /** Products whose pictures are not shown, as the log says. */
  private elsewhere = 0
  private readonly products = new Map<string, Promise<Product | undefined>>()

  constructor(private readonly api: StoreApi, private readonly log: (message: string) => void) {}

  shelf(place: Place): Promise<Shelf> {
    let kept = this.shelves.get(place.country)
    this.shelves.delete(place.country)
    kept ??= new Kept(() => this.load(place), MAX_AGE_MS)
    this.shelves.set(place.country, kept)
    trim(this.shelves, SHELVES)
    return kept.get()
  }

  product(place: Place, handle: string): Promise<Product | undefined> {
    const key = `${place.country} ${handle}`
    let product = this.products.get(key)
    if (!product) {
      product = this.read(place, handle)
      this.products.set(key, product)
      product.then((it) => it ?? this.products.delete(key), () => this.products.delete(key))
      setTimeout(() => this.products.delete(key), MAX_AGE_MS).unref()
      trim(this.products, PRODUCTS)
    }
    return product
  }

  drop(): void {
    this.products.clear()
    for (const shelf of this.shelves.values()) shelf.drop()
  }

  private async read(place: Place, handle: string): Promise<Product | undefined> {
    const query = new URLSearchParams({
      handle, limit: "1", ...context(place), fields: `id,handle,title,subtitle,description,thumbnail,images.url,images.rank,options.title,*variants,${VARIANT_FIELDS}`,
    })
    const { products: [it] } = await this.api.get<HttpTypes.StoreProductListResponse>(`/store/products?${query}`)
    if (!it) return undefined
    const urls = [...new Set([it.thumbnail, ...(it.images ?? []).map(({ url }) => url)])]
    return {
      id: it.id, handle: it.handle, title: it.title, subtitle: it.subtitle ?? undefined, description: it.description ?? undefined,
      pictures: (await Promise.all(urls.map(picture))).filter((one) => one !== undefined),
      options: (it.options ?? []).map(({ title }) => title).sort(natural), variants: (it.variants ?? []).sort(byRank).map(variant),
    }
  }

  /** The owner reads it in the store's log. */
  private tellElsewhere(titles: string[]): void {
    if (titles.length === this.elsewhere) return
    this.elsewhere = titles.length
    if (titles.length === 0) return
    const named = titles.slice(0, 3).map((it) => JSON.stringify(it.slice(0, 60))).join(", ")
    this.log(`storefront: the pictures of ${titles.length} products lie on other sites and are not shown: upload them to this store. The first: ${named}`)
  }

  private async load(place: Place): Promise<Shelf> {
    const { product_categories } = await this.api.get<HttpTypes.StoreProductCategoryListResponse>(
      "/store/product-categories?limit=1000&fields=id,handle,name,description,parent_category_id,rank")
    const { collections } = await this.api.get<HttpTypes.StoreCollectionListResponse>("/store/collections?limit=1000&fields=id,handle,title")
    const parents = new Map(product_categories.map((it) => [it.id, it.parent_category_id]))
    const entries: Entry[] = []
    const elsewhere: string[] = []
    for (let count = 1; entries.length < Math.min(count, MOST_PRODUCTS);) {
      const query = new URLSearchParams({
        limit: String(AT_ONCE), offset: String(entries.length), order: "-created_at", ...context(place),
        fields: `id,handle,title,subtitle,description,thumbnail,created_at,collection_id,*categories,${VARIANT_FIELDS}`,
      })
      const page = await this.api.get<HttpTypes.StoreProductListResponse>(`/store/products?${query}`)
      if (page.products.length === 0) break
      count = page.count
      if (entries.length === 0 && count > MOST_PRODUCTS) this.log(`storefront: only the newest ${MOST_PRODUCTS} of ${count} products are shown`)
      elsewhere.push(...page.products.filter(({ thumbnail }) => thumbnail && !uploaded(thumbnail)).map(({ title }) => title))
      entries.push(...await Promise.all(page.products.map((it) => entry(it, parents))))
    }
    this.tellElsewhere(elsewhere)
    const used = new Set(entries.flatMap((it) => [...it.categories, it.collection]))
    return {
      entries,
      categories: product_categories.filter((it) => used.has(it.id)).sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0))
        .map(({ id, handle, name, description }) => ({ id, handle, title: name, description: description || undefined })),
      collections: collections.filter((it) => used.has(it.id)).map(({ id, handle, title }) => ({ id, handle, title })),
    }
  }
}

/** Text as a search compares it: without case and accents. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase().replaceAll("ß", "ss")
}

function context(place: Place): { region_id: string; country_code: string } {
  return { region_id: place.region.id, country_code: place.country }
}

async function entry(it: HttpTypes.StoreProduct, parents: Map<string, string | null>): Promise<Entry> {
  const variants = (it.variants ?? []).map(variant)
  const options = new Map<string, Set<string>>()
  for (const [title, value] of variants.flatMap((one) => [...one.options])) {
    options.set(title, (options.get(title) ?? new Set()).add(value))
  }
  const prices = variants.flatMap(({ price }) => price ?? []).sort((one, other) => one.amount - other.amount)
  const categories = new Set<string>()
  for (const { id } of it.categories ?? []) {
    for (let at: string | null | undefined = id; at && parents.has(at) && !categories.has(at); at = parents.get(at)) categories.add(at)
  }
  return {
    id: it.id, handle: it.handle, title: it.title, picture: await picture(it.thumbnail), categories: [...categories], collection: it.collection_id ?? undefined,
    options, price: prices[0], varies: prices.length > 0 && prices[0].amount !== prices.at(-1)!.amount,
    available: variants.some(({ price, stock }) => price && stock.state !== "out"), created: Date.parse(String(it.created_at)),
    words: folded([it.title, it.subtitle, ...variants.map(({ sku }) => sku), it.description?.slice(0, 500)].filter(Boolean).join(" ")),
  }
}

function variant(it: HttpTypes.StoreProductVariant): Variant {
  const left = it.inventory_quantity ?? 0
  const options = (it.options ?? []).map((one): [string, string] => [one.option?.title ?? "", one.value])
  return { id: it.id, title: it.title ?? "", sku: it.sku ?? undefined, options: new Map(options), price: priceOf(it), stock: stockOf(it, left) }
}

/** 9 comes before 10. */
const natural = new Intl.Collator("en", { numeric: true }).compare

/** The owner's order, where there is one: Medusa answers variants and options in any. */
function byRank(one: HttpTypes.StoreProductVariant, other: HttpTypes.StoreProductVariant): number {
  return (one.variant_rank ?? 0) - (other.variant_rank ?? 0) || natural(one.title ?? "", other.title ?? "")
}

function stockOf(it: HttpTypes.StoreProductVariant, left: number): Stock {
  if (!it.manage_inventory) return { state: "in" }
  if (left > FEW) return { state: "in" }
  if (left > 0) return { state: "few", left }
  return { state: it.allow_backorder ? "order" : "out" }
}

function priceOf({ calculated_price: it }: HttpTypes.StoreProductVariant): Price | undefined {
  if (typeof it?.calculated_amount !== "number") return undefined
  const amount = it.calculated_amount_with_tax ?? it.calculated_amount
  const original = it.original_amount_with_tax ?? it.original_amount
  const withTax = amount > (it.calculated_amount_without_tax ?? amount)
  return { amount, withTax, before: typeof original === "number" && original > amount ? original : undefined }
}

/** Takes out what has been used least lately. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
