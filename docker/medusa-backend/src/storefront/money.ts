/** An amount in the shopper's way of writing, with the currency's own digits: 1.234,50 €, ¥1,235. */
export function money(amount: number, currency: string, locale: string): string {
  const key = `${locale} ${currency}`
  let format = formats.get(key)
  if (!format) formats.set(key, format = new Intl.NumberFormat(locale, { style: "currency", currency: currency.toUpperCase() }))
  return format.format(amount)
}

/** The smallest step of a currency's amounts, for a field that takes one: "0.01", "1". */
export function step(currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase() }).resolvedOptions()
  return digits === 0 ? "1" : `0.${"1".padStart(digits, "0")}`
}

const formats = new Map<string, Intl.NumberFormat>()
