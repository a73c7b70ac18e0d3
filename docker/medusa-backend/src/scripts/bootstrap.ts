import { readFileSync } from "node:fs"
import type { ExecArgs } from "@medusajs/framework/types"
import { ContainerRegistrationKeys, Modules, ProductStatus } from "@medusajs/framework/utils"
import {
  createApiKeysWorkflow, createInventoryLevelsWorkflow, createProductsWorkflow, createRegionsWorkflow, createSalesChannelsWorkflow,
  createShippingOptionsWorkflow, createShippingProfilesWorkflow, createStockLocationsWorkflow, createTaxRegionsWorkflow,
  createUserAccountWorkflow, linkSalesChannelsToApiKeyWorkflow, linkSalesChannelsToStockLocationWorkflow, updateStoresWorkflow,
} from "@medusajs/medusa/core-flows"
import { secret } from "../lib/settings"

interface Sample { sku: string; name: string; price: string; stock: number; description?: string }
interface Shop {
  name: string; region: string; countries: string[]; currency: string; city?: string; shippingPrice?: string; sampleProducts?: Sample[]
  adminRevision?: number
}

/** Brings a migrated database to a shop that sells. Each step looks first, so that a second run changes nothing. */
export default async function bootstrap({ container }: ExecArgs) {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER)
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  const link = container.resolve(ContainerRegistrationKeys.LINK)
  const shop: Shop = JSON.parse(readFileSync(process.env.SHOP_FILE ?? "/etc/store-weaver/shop.json", "utf8"))

  /** The first of an entity that satisfies the filters, or what `make` makes. */
  async function ensure<T extends { id: string }>(what: string, entity: string, fields: string[], filters: object, make: () => Promise<T>): Promise<T> {
    const { data } = await query.graph({ entity, fields: ["id", ...fields], filters })
    if (data.length > 0) {
      logger.info(`kept     ${what}`)
      return data[0] as unknown as T
    }
    const made = await make()
    logger.info(`done     ${what}`)
    return made
  }

  await administrator()
  const channel = await ensure("sales channel", "sales_channel", [], {}, async () =>
    (await createSalesChannelsWorkflow(container).run({ input: { salesChannelsData: [{ name: "Web shop" }] } })).result[0])

  const store = (await query.graph({ entity: "store", fields: ["id", "default_sales_channel_id"] })).data[0]
  if (!store.default_sales_channel_id) {
    await updateStoresWorkflow(container).run({ input: { selector: { id: store.id }, update: {
      name: shop.name, default_sales_channel_id: channel.id, supported_currencies: [{ currency_code: shop.currency, is_default: true }],
    } } })
  }

  await ensure("region", "region", [], {}, async () => (await createRegionsWorkflow(container).run({ input: { regions: [{
    name: shop.region, currency_code: shop.currency, countries: shop.countries, payment_providers: ["pp_system_default"],
  }] } })).result[0])
  for (const country of shop.countries) {
    await ensure(`tax region ${country}`, "tax_region", [], { country_code: country }, async () =>
      (await createTaxRegionsWorkflow(container).run({ input: [{ country_code: country, provider_id: "tp_system" }] })).result[0])
  }

  const location = await ensure("stock location", "stock_location", [], {}, async () =>
    (await createStockLocationsWorkflow(container).run({ input: { locations: [{
      name: "Warehouse", address: { address_1: "", city: shop.city ?? "", country_code: shop.countries[0].toUpperCase() },
    }] } })).result[0])
  const profile = await ensure("shipping profile", "shipping_profile", [], { type: "default" }, async () =>
    (await createShippingProfilesWorkflow(container).run({ input: { data: [{ name: "Default", type: "default" }] } })).result[0])
  await shipping(location.id, profile.id)

  const key = await ensure("publishable key", "api_key", [], { type: "publishable" }, async () =>
    (await createApiKeysWorkflow(container).run({ input: { api_keys: [{ title: "Web shop", type: "publishable", created_by: "" }] } })).result[0])
  await linkSalesChannelsToStockLocationWorkflow(container).run({ input: { id: location.id, add: [channel.id] } })
  await linkSalesChannelsToApiKeyWorkflow(container).run({ input: { id: key.id, add: [channel.id] } })

  for (const sample of shop.sampleProducts ?? []) {
    // A sample that its owner deleted is only marked as deleted, and does not come back.
    const { data: variants } = await query.graph({ entity: "product_variant", fields: ["id"], filters: { sku: sample.sku }, withDeleted: true })
    if (variants.length > 0) {
      logger.info(`kept     product ${sample.sku}`)
      continue
    }
    await product(sample, channel.id, profile.id, location.id)
    logger.info(`done     product ${sample.sku}`)
  }

  async function administrator() {
    const folder = process.env.ADMIN_SECRETS_DIR ?? "/run/secrets/admin"
    const email = secret("admin-email", folder)
    const { data } = await query.graph({ entity: "user", fields: ["id", "metadata"], filters: { email } })
    const auth = container.resolve(Modules.AUTH)
    if (data.length > 0) {
      await renew(email, folder, data[0] as { id: string; metadata?: { adminRevision?: number } | null })
      return
    }
    const body = { email, password: secret("admin-password", folder) }
    const registered = await auth.register("emailpass", { body })
    // A run that was cut off after this step left the identity behind: then its password is the Secret's, and it signs in.
    const identity = registered.success ? registered : await auth.authenticate("emailpass", { body })
    if (!identity.success || !identity.authIdentity) throw new Error(`the administrator cannot be made: ${registered.error}`)
    await createUserAccountWorkflow(container).run({ input: { authIdentityId: identity.authIdentity.id, userData: { email } } })
    logger.info("done     administrator")
  }

  /** A password that the owner changed stays, until a new one is asked for. */
  async function renew(email: string, folder: string, user: { id: string; metadata?: { adminRevision?: number } | null }) {
    const wanted = shop.adminRevision ?? 0
    if (wanted <= (user.metadata?.adminRevision ?? 0)) {
      logger.info("kept     administrator")
      return
    }
    const updated = await container.resolve(Modules.AUTH).updateProvider("emailpass", { entity_id: email, password: secret("admin-password", folder) })
    if (!updated.success) throw new Error(`the administrator's password cannot be changed: ${updated.error}`)
    await container.resolve(Modules.USER).updateUsers({ id: user.id, metadata: { ...user.metadata, adminRevision: wanted } })
    logger.info("done     administrator's new password")
  }

  async function shipping(locationId: string, profileId: string) {
    const fulfillment = container.resolve(Modules.FULFILLMENT)
    const [existing] = await fulfillment.listFulfillmentSets({ name: "Delivery" }, { relations: ["service_zones"] })
    const set = existing ?? await fulfillment.createFulfillmentSets({
      name: "Delivery", type: "shipping",
      service_zones: [{ name: shop.region, geo_zones: shop.countries.map((code) => ({ country_code: code, type: "country" as const })) }],
    })
    // Creating a link that is there changes nothing.
    await link.create({ [Modules.STOCK_LOCATION]: { stock_location_id: locationId }, [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" } })
    await link.create({ [Modules.STOCK_LOCATION]: { stock_location_id: locationId }, [Modules.FULFILLMENT]: { fulfillment_set_id: set.id } })
    await ensure("shipping option", "shipping_option", [], {}, async () => (await createShippingOptionsWorkflow(container).run({ input: [{
      name: "Standard", price_type: "flat", provider_id: "manual_manual", service_zone_id: set.service_zones[0].id, shipping_profile_id: profileId,
      type: { label: "Standard", description: "Delivery in some days", code: "standard" },
      prices: [{ currency_code: shop.currency, amount: Number(shop.shippingPrice ?? "0") }],
      rules: [{ attribute: "enabled_in_store", operator: "eq", value: "true" }, { attribute: "is_return", operator: "eq", value: "false" }],
    }] })).result[0])
  }

  async function product(sample: Sample, channelId: string, profileId: string, locationId: string) {
    await createProductsWorkflow(container).run({ input: { products: [{
      title: sample.name, description: sample.description, status: ProductStatus.PUBLISHED, shipping_profile_id: profileId,
      sales_channels: [{ id: channelId }], options: [{ title: "Kind", values: ["Standard"] }],
      variants: [{ title: "Standard", sku: sample.sku, manage_inventory: true, options: { Kind: "Standard" },
        prices: [{ currency_code: shop.currency, amount: Number(sample.price) }] }],
    }] } })
    const { data: items } = await query.graph({ entity: "inventory_item", fields: ["id"], filters: { sku: sample.sku } })
    await createInventoryLevelsWorkflow(container).run({ input: {
      inventory_levels: items.map((item) => ({ inventory_item_id: item.id, location_id: locationId, stocked_quantity: sample.stock })),
    } })
  }
}
