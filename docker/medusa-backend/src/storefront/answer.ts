import type { Html } from "./html"
import type { Picture } from "./pictures"
import type { Notice } from "./texts"
import type { CookieName } from "./visit"

/** A page to be shown within the store's frame. */
export interface Page {
  status?: number
  title: string
  description?: string
  picture?: Picture
  /** The page's own path and query; a page without one is not for search engines. */
  canonical?: string
  /** schema.org objects. */
  data?: object[]
  notice?: Notice
  cookies?: Cookies
  /** An address elsewhere that the page leads on to, by itself where the browser does that. */
  onward?: string
  body: Html
}

/** Where a form that was sent leads: the browser asks there with GET. */
export interface Redirect { to: string; cookies?: Cookies }

/** Values by name; `undefined` takes one away. */
export type Cookies = Partial<Record<CookieName, string | undefined>>
export type Answer = Page | Redirect

/** A path with a notice that is shown there. */
export function noted(path: string, notice: Notice): string {
  return `${path}${path.includes("?") ? "&" : "?"}notice=${notice}`
}
