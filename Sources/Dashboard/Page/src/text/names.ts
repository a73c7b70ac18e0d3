// A store's name and address, and what is wrong with them. What a name becomes as an address the API alone says.
import type { Store } from '../api/schema';
import type { Filter } from './changes';

/** What its address and its namespace have in common: of `store-acme` it is `acme`. */
export const storeSlug = (store: Pick<Store, 'namespace'>) => store.namespace.slice('store-'.length);

/** What is wrong with an address that somebody typed; null: nothing. `told`: what the API says of it; null: it has not yet. */
export function addressProblem(typed: string, told: { slug: string; available: boolean } | null): string | null {
  if (!typed) return 'An address is needed';
  if (!told) return 'Looking whether it is free…';
  return told.available ? null : `${told.slug} is taken, or kept for the platform: choose another`;
}

/** What is wrong with a name, as the API would say it; null: nothing. */
export function nameProblem(name: string): string | null {
  const trimmed = name.trim();
  if (!trimmed) return 'Store name is required';
  if ([...trimmed].length > 200) return 'Store name must have at most 200 characters';
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) return 'Store name must not contain control characters';
  if (!/[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u.test(trimmed)) return 'Store name must have a visible character';
  return null;
}

export const engineNames: Record<Store['engine'], string> = { woocommerce: 'WooCommerce', medusa: 'Medusa' };
export const statusNames: Record<Filter, string> = {
  ready: 'Ready', healthy: 'Healthy', degraded: 'Degraded', lost: 'Lost', asleep: 'Asleep', provisioning: 'Provisioning', building: 'Building', queued: 'Queued',
  failed: 'Failed', deleting: 'Deleting',
};
