import type { MedusaContainer } from "@medusajs/framework/types"
import { ContainerRegistrationKeys } from "@medusajs/framework/utils"
import { sendsMail } from "../mail/send"
import { uploaded } from "./pictures"

/** What the owner says of the store: in Medusa's admin, Settings, Store, Metadata. */
export interface Owner {
  name: string
  description?: string
  banner?: string
  /** Plain text, empty lines between paragraphs. */
  pages: Partial<Record<OwnersPage, string>>
  logo?: string
  /** #rrggbb */
  colour?: string
  defaultRegion?: string
  /** Whether customers can be told something by mail. */
  sendsMail: boolean
  publishableKey?: string
}

export const ownersPages = ["terms", "privacy", "contact"] as const
export type OwnersPage = (typeof ownersPages)[number]

export async function readOwner(container: MedusaContainer): Promise<Owner> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  const { data: [store] } = await query.graph({ entity: "store", fields: ["name", "metadata", "default_region_id"] })
  const { data: keys } = await query.graph({ entity: "api_key", fields: ["token", "revoked_at"], filters: { type: "publishable" } })
  const metadata = (store?.metadata ?? {}) as Record<string, unknown>
  const colour = text(metadata.colour, 7) ?? text(metadata.color, 7)
  return {
    name: store?.name || "Store",
    description: text(metadata.description, 300),
    banner: text(metadata.banner, 300),
    pages: Object.fromEntries(ownersPages.flatMap((page) => {
      const content = text(metadata[page], 200_000)
      return content ? [[page, content]] : []
    })),
    logo: uploaded(text(metadata.logo, 2000)),
    colour: colour && /^#[0-9a-f]{6}$/i.test(colour) ? colour : undefined,
    sendsMail: sendsMail(),
    defaultRegion: store?.default_region_id ?? undefined,
    publishableKey: keys.find((it) => !it.revoked_at)?.token,
  }
}

/** The admin's fields have one line: a written \n is a line's end. */
function text(value: unknown, most: number): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined
  return value.replaceAll("\\n", "\n").trim().slice(0, most)
}

/** Black or white: what can be read on a colour, by WCAG's luminance. */
export function readableOn(colour: string): "#000000" | "#ffffff" {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff"
}
