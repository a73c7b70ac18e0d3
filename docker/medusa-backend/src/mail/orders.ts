import type { HttpTypes, MedusaContainer } from "@medusajs/framework/types"
import { ContainerRegistrationKeys } from "@medusajs/framework/utils"
import { getOrderDetailWorkflow } from "@medusajs/medusa/core-flows"
import { storeUrl } from "../lib/settings"
import { addressLines, otherBilling } from "../storefront/addresses"
import { money } from "../storefront/money"
import { orderPath } from "../storefront/orders"
import { languages, languageOf } from "../storefront/texts"
import { totalRows, type Totals } from "../storefront/totals"
import type { Mail } from "./message"

const FIELDS = [
  "id", "display_id", "email", "currency_code", "total", "item_subtotal", "shipping_subtotal", "discount_subtotal", "tax_total",
  "items.*", "items.detail.*", "items.tax_lines.*", "items.adjustments.*", "shipping_methods.*", "shipping_methods.tax_lines.*", "shipping_methods.adjustments.*",
  "shipping_address.*", "billing_address.*",
]

export async function storeName(container: MedusaContainer): Promise<string> {
  const { data: [store] } = await container.resolve(ContainerRegistrationKeys.QUERY).graph({ entity: "store", fields: ["name"] })
  return store?.name || "Store"
}

/** What a customer is told of an order, in the language of the purchase; nothing of an order without an e-mail address. */
export async function orderMail(container: MedusaContainer, id: string, name: string): Promise<Mail | undefined> {
  const { result } = await getOrderDetailWorkflow(container).run({ input: { fields: FIELDS, order_id: id } })
  const order = result as unknown as Omit<HttpTypes.StoreOrder, keyof Totals> & Totals
  if (!order.email) return undefined
  const locale = await localeOf(container, id)
  const language = languageOf(locale)
  const texts = languages[language]
  const bill = otherBilling(order)
  const amount = (value: number) => money(value, order.currency_code, locale ?? language)
  return {
    to: order.email, subject: `${texts.orderTitle(order.display_id ?? 0)} – ${name}`,
    text: [
      texts.thanks,
      (order.items ?? []).map((it) => `${it.quantity} × ${[it.product_title ?? it.title, it.variant_title].filter(Boolean).join(", ")}: ${amount(it.total ?? 0)}`).join("\n"),
      totalRows(texts, amount, order).map(([label, value]) => `${label}: ${value}`).join("\n"),
      order.shipping_address ? `${texts.deliveryTo}\n${addressLines(order.shipping_address, language).join("\n")}` : "",
      bill ? `${texts.billTo}\n${addressLines(bill, language).join("\n")}` : "",
      `${texts.orderLink}\n${storeUrl()}${orderPath(order.id)}`,
      `${name}\n${storeUrl()}`,
    ].filter(Boolean).join("\n\n") + "\n",
  }
}

/** "de-AT", as the checkout wrote it; an order of another client may have none. */
async function localeOf(container: MedusaContainer, id: string): Promise<string | undefined> {
  const { data: [order] } = await container.resolve(ContainerRegistrationKeys.QUERY).graph({ entity: "order", fields: ["locale"], filters: { id } })
  const locale: unknown = (order as { locale?: unknown } | undefined)?.locale
  return typeof locale === "string" && Intl.DateTimeFormat.supportedLocalesOf(locale.match(/^[a-z]{2}(-[A-Z]{2})?$/)?.[0] ?? []).length > 0 ? locale : undefined
}
