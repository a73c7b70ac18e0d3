import type { Request } from "express"
import { isEmail } from "../addresses"
import { noted, type Answer } from "../answer"
import { ApiError } from "../api"
import { Form } from "../forms"
import { html } from "../html"
import { field } from "../parts"
import type { Visit } from "../visit"
import { LEAST_PASSWORD, SIGN_IN } from "./account"
import { notFound } from "./plain"

export const FORGOTTEN = "/account/forgotten"
const NEW = "/account/new-password"

/** An address is written to once in this time, and so many addresses are remembered. */
const PAUSE_MS = 60_000
const MOST_REMEMBERED = 10_000
const written = new Map<string, number>()

export async function forgottenPage(visit: Visit): Promise<Answer> {
  const { texts } = visit
  if (!visit.owner.sendsMail) return notFound(visit)
  return {
    title: texts.forgotPassword,
    body: html`<h1>${texts.forgotPassword}</h1><p>${texts.forgotPasswordText}</p><form class="narrow" method="post" action="${FORGOTTEN}">
${field({ name: "email", label: texts.email, type: "email", autocomplete: "username", most: 200 })}
<p><button>${texts.sendLink}</button> <a href="${SIGN_IN}">${texts.back}</a></p></form>`,
  }
}

/** Says the same whether there is such an account or not. */
export async function sendLink(visit: Visit, request: Request): Promise<Answer> {
  if (!visit.owner.sendsMail) return notFound(visit)
  const email = Form.body(request).text("email").toLowerCase()
  if (!isEmail(email)) return { to: noted(FORGOTTEN, "badEmail") }
  const now = Date.now()
  if (now - (written.get(email) ?? -Infinity) >= PAUSE_MS) {
    if (written.size >= MOST_REMEMBERED) written.clear()
    written.set(email, now)
    await visit.api.post("/auth/customer/emailpass/reset-password", { identifier: email, metadata: { language: visit.language } })
  }
  return { to: noted(SIGN_IN, "linkSent") }
}

export async function newPasswordPage(visit: Visit, request: Request): Promise<Answer> {
  const { texts } = visit
  const token = tokenOf(Form.query(request))
  if (!token) return { to: noted(FORGOTTEN, "linkOver") }
  return {
    title: texts.newPassword,
    body: html`<h1>${texts.newPassword}</h1><form class="narrow" method="post" action="${NEW}"><input type="hidden" name="token" value="${token}">
${field({ name: "password", label: texts.password, type: "password", autocomplete: "new-password", hint: texts.passwordHint, most: 200, least: LEAST_PASSWORD })}
<p><button>${texts.savePassword}</button></p></form>`,
  }
}

export async function savePassword(visit: Visit, request: Request): Promise<Answer> {
  const form = Form.body(request)
  const [token, password] = [tokenOf(form), form.secret("password")]
  if (!token) return { to: noted(FORGOTTEN, "linkOver") }
  if (password.length < LEAST_PASSWORD) return { to: noted(`${NEW}?token=${token}`, "shortPassword") }
  try {
    await visit.api.as(token).post("/auth/customer/emailpass/update", { password })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    return { to: noted(FORGOTTEN, "linkOver") }
  }
  return { to: noted(SIGN_IN, "passwordSaved"), cookies: { customer: undefined } }
}

/** A JSON Web Token; Medusa says whether it is one of its own. */
function tokenOf(form: Form): string | undefined {
  const text = form.text("token", 2000)
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? text : undefined
}
