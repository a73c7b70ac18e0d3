import type { Texts } from "./texts"

/** What carts and orders have alike. */
export interface Totals {
  item_subtotal?: number; shipping_subtotal?: number; discount_subtotal?: number; tax_total?: number; total?: number; shipping_methods?: unknown[] | null
}

/** What an amount is for, and the amount as it is shown; the last one is the total. */
export function totalRows(texts: Texts, money: (amount: number) => string, it: Totals): [label: string, amount: string][] {
  const hasDelivery = (it.shipping_methods ?? []).length > 0
  return [
    [texts.subtotal, money(it.item_subtotal ?? 0)],
    [texts.delivery, hasDelivery ? money(it.shipping_subtotal ?? 0) : texts.deliveryLater],
    ...(it.discount_subtotal ?? 0) > 0 ? [[texts.discount, `−${money(it.discount_subtotal ?? 0)}`] as [string, string]] : [],
    [texts.taxes, money(it.tax_total ?? 0)],
    [texts.total, money(it.total ?? 0)],
  ]
}
