import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http"
import { ContainerRegistrationKeys } from "@medusajs/framework/utils"

/** What the storefront's pages need before they can ask /store: public by nature, so no key guards it. */
export async function GET(request: MedusaRequest, response: MedusaResponse) {
  const query = request.scope.resolve(ContainerRegistrationKeys.QUERY)
  const { data: keys } = await query.graph({ entity: "api_key", fields: ["token", "type", "revoked_at"], filters: { type: "publishable" } })
  const { data: stores } = await query.graph({ entity: "store", fields: ["name"] })
  const { data: regions } = await query.graph({ entity: "region", fields: ["id", "currency_code"] })
  const key = keys.find((it) => !it.revoked_at)
  if (!key || !regions[0]) {
    response.status(503).json({ message: "The store is not set up yet" })
    return
  }
  response.json({ name: stores[0]?.name ?? "Store", publishableKey: key.token, regionId: regions[0].id, currency: regions[0].currency_code })
}
