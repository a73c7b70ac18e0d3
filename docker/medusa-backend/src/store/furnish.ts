import type { MedusaContainer } from "@medusajs/framework/types"
import { ContainerRegistrationKeys, Modules, ProductStatus } from "@medusajs/framework/utils"
import {
  createInventoryLevelsWorkflow, createProductsWorkflow, createRegionsWorkflow, createShippingOptionsWorkflow, createShippingProfilesWorkflow,
  createStockLocationsWorkflow, createTaxRegionsWorkflow, linkSalesChannelsToStockLocationWorkflow, updateStoresWorkflow,
} from "@medusajs/medusa/core-flows"
import type { StoreFile } from "../lib/settings"

/** What a store consists of, by id. */
interface Parts { channel: string; location: string; profile: string }

/**
 * Makes a store that sells of a database that has Medusa's tables and defaults alone. It looks for nothing that may be there already: when it
 * does not reach its end, the next start begins with an empty database again.
 */
export async function furnish(container: MedusaContainer, file: StoreFile): Promise<void> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  // Medusa's first start made the store, its sales channel, and a publishable key for that.
  const [store] = (await query.graph({ entity: "store", fields: ["id", "default_sales_channel_id"] })).data
  const channel = store.default_sales_channel_id
  if (!channel) throw new Error("Medusa made no default sales channel")

  const { result: [region] } = await createRegionsWorkflow(container).run({ input: { regions: [{
    name: file.region, currency_code: file.currency, countries: file.countries, payment_providers: ["pp_system_default"],
  }] } })
  await createTaxRegionsWorkflow(container).run({ input: file.countries.map((country_code) => ({ country_code, provider_id: "tp_system" })) })
  const { result: [location] } = await createStockLocationsWorkflow(container).run({ input: { locations: [{
    name: "Warehouse", address: { address_1: "", city: file.city ?? "", country_code: file.countries[0].toUpperCase() },
  }] } })
  await linkSalesChannelsToStockLocationWorkflow(container).run({ input: { id: location.id, add: [channel] } })
  await updateStoresWorkflow(container).run({ input: { selector: { id: store.id }, update: {
    name: file.name, default_region_id: region.id, default_location_id: location.id,
    supported_currencies: [{ currency_code: file.currency, is_default: true }],
  } } })

  const parts = { channel, location: location.id, profile: await shippingProfile(container) }
  await shipping(container, file, parts)
  await products(container, file, parts)
}

/** A migration makes one; without it, products could not be shipped. */
async function shippingProfile(container: MedusaContainer): Promise<string> {
  const [existing] = await container.resolve(Modules.FULFILLMENT).listShippingProfiles({ type: "default" })
  if (existing) return existing.id
  const made = await createShippingProfilesWorkflow(container).run({ input: { data: [{ name: "Default", type: "default" }] } })
  return made.result[0].id
}

async function shipping(container: MedusaContainer, file: StoreFile, parts: Parts): Promise<void> {
  const link = container.resolve(ContainerRegistrationKeys.LINK)
  const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: "Delivery", type: "shipping",
    service_zones: [{ name: file.region, geo_zones: file.countries.map((code) => ({ country_code: code, type: "country" as const })) }],
  })
  await link.create([
    { [Modules.STOCK_LOCATION]: { stock_location_id: parts.location }, [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" } },
    { [Modules.STOCK_LOCATION]: { stock_location_id: parts.location }, [Modules.FULFILLMENT]: { fulfillment_set_id: set.id } },
  ])
  await createShippingOptionsWorkflow(container).run({ input: [{
    name: "Standard", price_type: "flat", provider_id: "manual_manual", service_zone_id: set.service_zones[0].id, shipping_profile_id: parts.profile,
    type: { label: "Standard", description: "Delivery in some days", code: "standard" },
    prices: [{ currency_code: file.currency, amount: Number(file.shippingPrice ?? "0") }],
    rules: [{ attribute: "enabled_in_store", operator: "eq", value: "true" }, { attribute: "is_return", operator: "eq", value: "false" }],
  }] })
}

async function products(container: MedusaContainer, file: StoreFile, parts: Parts): Promise<void> {
  const samples = file.sampleProducts ?? []
  if (samples.length === 0) return
  await createProductsWorkflow(container).run({ input: { products: samples.map((sample) => ({
    title: sample.name, description: sample.description, status: ProductStatus.PUBLISHED, shipping_profile_id: parts.profile,
    sales_channels: [{ id: parts.channel }], options: [{ title: "Kind", values: ["Standard"] }],
    variants: [{ title: "Standard", sku: sample.sku, manage_inventory: true, options: { Kind: "Standard" },
      prices: [{ currency_code: file.currency, amount: Number(sample.price) }] }],
  })) } })
  const items = await container.resolve(Modules.INVENTORY).listInventoryItems({ sku: samples.map((sample) => sample.sku) })
  await createInventoryLevelsWorkflow(container).run({ input: { inventory_levels: items.map((item) => ({
    inventory_item_id: item.id, location_id: parts.location, stocked_quantity: samples.find((sample) => sample.sku === item.sku)!.stock,
  })) } })
}
