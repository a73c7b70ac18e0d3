import {
  InventoryEvents, InventoryLevelWorkflowEvents, PricingEvents, ProductCategoryWorkflowEvents, ProductCollectionWorkflowEvents, ProductOptionWorkflowEvents,
  ProductVariantWorkflowEvents, ProductWorkflowEvents, RegionWorkflowEvents, ReservationItemWorkflowEvents, SalesChannelWorkflowEvents,
} from "@medusajs/framework/utils"
import { changed } from "../storefront/changes"

/** What the storefront keeps of the catalogue is loaded anew after these. */
export default async function storefront(): Promise<void> {
  changed()
}

export const config = {
  event: [
    ProductWorkflowEvents, ProductVariantWorkflowEvents, ProductOptionWorkflowEvents, ProductCategoryWorkflowEvents, ProductCollectionWorkflowEvents,
    PricingEvents, InventoryEvents, InventoryLevelWorkflowEvents, ReservationItemWorkflowEvents, RegionWorkflowEvents, SalesChannelWorkflowEvents,
  ].flatMap((events) => Object.values(events) as string[]),
}
