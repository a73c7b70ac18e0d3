import type { HttpTypes } from "@medusajs/framework/types"
import type { Request } from "express"
import { written } from "../addresses"
import type { Answer } from "../answer"
import { address, html } from "../html"
import { money } from "../money"
import { isOrderKey } from "../orders"
import type { Visit } from "../visit"
import { totals } from "./cart"
import { billedTo, items } from "./checkout"
import { notFound } from "./plain"

/** An order by its link, for whoever has that. */
export async function orderPage(visit: Visit, request: Request): Promise<Answer> {
  const { id, key } = request.params
  if (!isOrderKey(id, key)) return notFound(visit)
  const { order } = await visit.api.get<HttpTypes.StoreOrderResponse>(address`/store/orders/${id}?fields=${"+payment_status,+fulfillment_status"}`)
  // An order keeps its currency, wherever its reader is now.
  const reading: Visit = { ...visit, money: (amount) => money(amount, order.currency_code, visit.locale) }
  const { texts } = visit
  const title = texts.orderTitle(order.display_id ?? 0)
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${texts.thanks}${visit.owner.sendsMail && order.email && html` ${texts.confirmationSent(order.email)}`}</p><p>${texts.orderLink}</p>
<dl class="facts">
<div><dt>${texts.ordered}</dt><dd>${date(visit, order.created_at)}</dd></div>
<div><dt>${texts.orderState}</dt><dd>${texts.orderStates[order.status] ?? order.status}</dd></div>
<div><dt>${texts.paymentState}</dt><dd>${texts.paymentStates[order.payment_status] ?? order.payment_status}</dd></div>
<div><dt>${texts.deliveryState}</dt><dd>${texts.deliveryStates[order.fulfillment_status] ?? order.fulfillment_status}</dd></div>
</dl>
${items(reading, order.items ?? [])}
${totals(reading, order)}
${order.shipping_address && html`<h2>${texts.deliveryTo}</h2>${written(visit, order.shipping_address)}`}
${billedTo(visit, order)}
<p><a href="/products">${texts.continueShopping}</a></p>`,
  }
}

export function date({ locale }: Visit, value: string | Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(value))
}
