import type { SubscriberArgs } from "@medusajs/framework"
import { AuthWorkflowEvents, OrderWorkflowEvents } from "@medusajs/framework/utils"
import { orderMail, storeName } from "../mail/orders"
import { passwordMail, type PasswordReset } from "../mail/passwords"
import { send, sendsMail } from "../mail/send"

/** What customers are told by mail, where the store has a server for it. Events are handled one after the other: none waits for that server. */
export default async function mail({ event, container }: SubscriberArgs<PasswordReset | { id: string }>): Promise<void> {
  if (!sendsMail()) return
  const name = await storeName(container)
  const { data } = event
  if ("token" in data) {
    void send(passwordMail(data, name), name, "a link to a new password")
    return
  }
  const order = await orderMail(container, data.id, name)
  if (order) void send(order, name, `the confirmation of order ${data.id}`)
}

export const config = { event: [OrderWorkflowEvents.PLACED, AuthWorkflowEvents.PASSWORD_RESET] }
