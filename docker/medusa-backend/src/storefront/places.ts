import type { HttpTypes } from "@medusajs/framework/types"
import type { StoreApi } from "./api"

export interface Region { id: string; currency: string; countries: string[] }

/** Where somebody buys: a country, lower case, and the region that sells there. */
export interface Place { country: string; region: Region }

export async function readRegions(api: StoreApi): Promise<Region[]> {
  const { regions } = await api.get<HttpTypes.StoreRegionListResponse>("/store/regions?limit=200&fields=id,currency_code,*countries")
  return regions.map((it) => ({
    id: it.id, currency: it.currency_code, countries: (it.countries ?? []).flatMap(({ iso_2 }) => iso_2 ?? []),
  })).filter(({ countries }) => countries.length > 0)
}

/** The first of `wished` where the store sells, else where its owner sells first; none where it sells nowhere. */
export function chosenPlace(regions: Region[], wished: (string | undefined)[], defaultRegion?: string): Place | undefined {
  for (const country of wished) {
    const region = country && regions.find(({ countries }) => countries.includes(country))
    if (region) return { country, region }
  }
  const region = regions.find(({ id }) => id === defaultRegion) ?? regions[0]
  return region && { country: region.countries[0], region }
}

/** "Deutschland" for "de". */
export function countryName(country: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "region" }).of(country.toUpperCase()) ?? country.toUpperCase()
  } catch {
    return country.toUpperCase()
  }
}
