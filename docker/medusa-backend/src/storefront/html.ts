/** Text that is HTML already: only the templates of this file make it. */
export class Html {
  private constructor(private readonly text: string) {}

  toString(): string {
    return this.text
  }

  /** A template whose values are escaped, in text and in quoted attributes alike. */
  static template(parts: TemplateStringsArray, ...values: Value[]): Html {
    return new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part))
  }

  /** A data block for search engines. It cannot be closed from within, and no browser runs it. */
  static data(value: object): Html {
    return new Html(`<script type="application/ld+json">${JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, asUnicode)}</script>`)
  }
}

/** What a template takes. Nothing comes of `false`, `null` and `undefined`. */
export type Value = Html | string | number | false | null | undefined | readonly Value[]

export const html = Html.template

/** An address of this store: each value is one segment of it, or one word of its query. */
export function address(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((text, part, index) => text + encodeURIComponent(wellFormed(String(values[index - 1]))) + part)
}

/** Text of paragraphs, which empty lines part. */
export function paragraphs(text: string): Html {
  const parts = text.replace(/\r/g, "").split(/\n{2,}/).filter((part) => part.trim() !== "")
  return html`${parts.map((part) => html`<p>${part.split("\n").map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</p>`)}`
}

function render(value: Value): string {
  if (value === false || value === null || value === undefined) return ""
  if (value instanceof Html) return value.toString()
  if (Array.isArray(value)) return value.map(render).join("")
  return wellFormed(String(value)).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** Half a pair of UTF-16 is no text, and no address either. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
}

function asUnicode(sign: string): string {
  return "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0")
}
