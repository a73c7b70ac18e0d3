import { de } from "./de"
import { en } from "./en"

export { en }
export type Texts = typeof en
export type Notice = keyof Texts["notices"]
export type Language = keyof typeof languages

export const languages = { en, de }

export function isLanguage(word: unknown): word is Language {
  return typeof word === "string" && Object.keys(languages).includes(word)
}

export function isNotice(word: string): word is Notice {
  return Object.keys(en.notices).includes(word)
}

/** Of "de-AT", "de"; English where there are no texts for it. */
export function languageOf(locale: unknown): Language {
  const language = typeof locale === "string" ? locale.slice(0, 2) : undefined
  return isLanguage(language) ? language : "en"
}

/** The languages and countries that a browser asks for, best first: ["de", "at"], ["en", undefined]. */
export function wishes(header: string | undefined): { language: string; country?: string }[] {
  return (header ?? "").slice(0, 500).split(",").map((part) => {
    const [tag, ...settings] = part.trim().toLowerCase().split(";")
    const weight = Number(settings.find((it) => it.trim().startsWith("q="))?.trim().slice(2) ?? "1")
    const [language, ...rest] = tag.split("-")
    return { language, country: rest.find((it) => it.length === 2), weight: Number.isNaN(weight) ? 0 : weight }
  }).filter(({ language, weight }) => language !== "" && weight > 0).sort((one, other) => other.weight - one.weight)
}
