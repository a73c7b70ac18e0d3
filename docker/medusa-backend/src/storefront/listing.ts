import { folded, type Entry, type Group, type Shelf } from "./catalogue"
import { address } from "./html"
import type { Form } from "./forms"

export const PAGE_SIZE = 24
export const sorts = ["newest", "price", "-price", "title"] as const
export type Sort = (typeof sorts)[number]

/** What somebody wants to see of the catalogue. */
export interface Selection {
  search: string
  category?: Group
  collection?: Group
  options: Map<string, string>
  least?: number
  most?: number
  available: boolean
  sort: Sort
  page: number
}

export interface Listing {
  entries: Entry[]
  count: number
  pages: number
  page: number
  /** The options that can be chosen among, with their values. */
  choices: Map<string, string[]>
}

export function selectionOf(query: Form, within: { category?: Group; collection?: Group } = {}): Selection {
  const sort = query.text("sort")
  return {
    ...within, search: query.text("q", 100), options: query.below("option."), least: query.amount("least"), most: query.amount("most"),
    available: query.text("available") === "1", sort: sorts.find((it) => it === sort) ?? "newest", page: query.count("page", 1, 10_000, 1),
  }
}

export function select(shelf: Shelf, it: Selection, locale: string): Listing {
  const words = folded(it.search).split(/\s+/).filter((word) => word !== "")
  const matching = shelf.entries.filter((entry) =>
    (!it.category || entry.categories.includes(it.category.id)) && (!it.collection || entry.collection === it.collection.id)
    && words.every((word) => entry.words.includes(word)))
  const found = matching.filter((entry) =>
    [...it.options].every(([title, value]) => entry.options.get(title)?.has(value))
    && (it.least === undefined || (entry.price && entry.price.amount >= it.least)) && (it.most === undefined || (entry.price && entry.price.amount <= it.most))
    && (!it.available || entry.available))
  found.sort(order(it.sort, locale))
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE))
  const page = Math.min(it.page, pages)
  return { entries: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE), count: found.length, pages, page, choices: choices(matching) }
}

/** The path and query of a selection, or of another page of it. */
export function pathOf(it: Selection, page: number): string {
  const path = it.category ? address`/categories/${it.category.handle}` : it.collection ? address`/collections/${it.collection.handle}` : "/products"
  const query = new URLSearchParams()
  if (it.search) query.set("q", it.search)
  for (const [title, value] of it.options) query.set(`option.${title}`, value)
  if (it.least !== undefined) query.set("least", String(it.least))
  if (it.most !== undefined) query.set("most", String(it.most))
  if (it.available) query.set("available", "1")
  if (it.sort !== "newest") query.set("sort", it.sort)
  if (page > 1) query.set("page", String(page))
  return query.size > 0 ? `${path}?${query}` : path
}

/** Entries without a price come last; the newer one first where nothing else decides. */
function order(sort: Sort, locale: string): (one: Entry, other: Entry) => number {
  const newest = (one: Entry, other: Entry) => other.created - one.created || (one.id < other.id ? 1 : -1)
  if (sort === "newest") return newest
  if (sort === "title") {
    const { compare } = new Intl.Collator(locale, { numeric: true })
    return (one, other) => compare(one.title, other.title) || newest(one, other)
  }
  const sign = sort === "price" ? 1 : -1
  return (one, other) => {
    if (!one.price || !other.price) return one.price ? -1 : other.price ? 1 : newest(one, other)
    return sign * (one.price.amount - other.price.amount) || newest(one, other)
  }
}

/** Options with one value only are no choice. */
function choices(entries: Entry[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const [title, values] of entries.flatMap((it) => [...it.options])) {
    const known = found.get(title) ?? new Set()
    for (const value of values) known.add(value)
    found.set(title, known)
  }
  return new Map([...found].filter(([, values]) => values.size > 1).slice(0, 10)
    .map(([title, values]) => [title, [...values].sort(new Intl.Collator("en", { numeric: true }).compare).slice(0, 100)]))
}
