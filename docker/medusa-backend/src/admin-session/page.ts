import { randomBytes } from "node:crypto"
import type { Response } from "express"
import { Html, html } from "../storefront/html"

export const REFUSED = "This link does not open the admin: it can be used once, within a minute. Choose “Open admin” in Store Weaver again."

/** A page with this text and nothing else. */
export function page(response: Response, status: number, text: string): void {
  send(response, status, html`<p role="status">${text}</p>`)
}

/** The token stands behind the address' `#`, which no server, log or Referer gets: the page itself posts it. */
export function form(response: Response): void {
  const nonce = randomBytes(16).toString("base64")
  const rest = html`<p role="status">Signing in…</p>
<noscript><p>This page needs JavaScript. <a href="/app/login">Sign in with the password</a> instead.</p></noscript>
<p hidden>${REFUSED}</p>
<form method="post"><input type="hidden" name="token"></form>
<script nonce="${nonce}">
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (token) {
  document.forms[0].elements.token.value = token;
  document.forms[0].submit();
} else {
  document.querySelector("[role=status]").textContent = document.querySelector("p[hidden]").textContent;
}
</script>`
  send(response, 200, rest, `script-src 'nonce-${nonce}'; `)
}

function send(response: Response, status: number, body: Html, scripts = ""): void {
  response.status(status).type("html").set({
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": `default-src 'none'; ${scripts}form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  }).send(html`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Store admin</title>
${body}
`.toString())
}
