import { storeUrl } from "../lib/settings"
import { address } from "../storefront/html"
import { languages, languageOf } from "../storefront/texts"
import type { Mail } from "./message"

/** Medusa's event `auth.password_reset`. */
export interface PasswordReset { entity_id: string; actor_type: string; token: string; metadata?: Record<string, unknown> }

/** The link to a new password, for a customer's account or one of the admin's. It works once, for a quarter of an hour. */
export function passwordMail({ entity_id, actor_type, token, metadata }: PasswordReset, name: string): Mail {
  const texts = languages[languageOf(metadata?.language)]
  const path = actor_type === "customer" ? address`/account/new-password?token=${token}` : address`/app/reset-password?token=${token}&email=${entity_id}`
  return {
    to: entity_id, subject: `${texts.newPassword} – ${name}`,
    text: `${texts.newPasswordMail}\n\n${storeUrl()}${path}\n\n${texts.newPasswordUnasked}\n\n${name}\n${storeUrl()}\n`,
  }
}
