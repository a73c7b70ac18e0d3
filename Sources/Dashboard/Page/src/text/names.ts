// A store's name and what becomes of it; the API decides, this is what it will say.
import type { Store } from '../api/schema';
import type { State } from './changes';

const LONGEST_SLUG = 40;
/** The platform's own names, unless RESERVED_NAMES says others. */
const RESERVED = ['api', 'www', 'admin', 'dashboard', 'app', 'auth', 'weaver'];

/** Of a name in ASCII; what others are in Latin letters the API knows. */
function slugOf(name: string): string {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, LONGEST_SLUG).replace(/-+$/, '');
  return slug || 'store';
}

export interface Preview {
  slug: string;
  namespace: string;
  /** Host and port, e.g. `acme.localhost:8081`; its end is `…` until a store of this installation tells it. */
  host: string;
  /** Why the name gets a suffix, if it does as far as this page can know. */
  collision: 'taken' | 'reserved' | null;
}

export const isAscii = (name: string) => /^[\x00-\x7f]*$/.test(name);

/** `told`: the slug by the API's word, where the name is not ASCII; null: it is not known yet. */
export function preview(name: string, stores: Store[], told: string | null): Preview {
  const slug = isAscii(name) ? slugOf(name) : (told ?? '…');
  const collision = RESERVED.includes(slug) ? 'reserved' : stores.some((store) => store.namespace === `store-${slug}`) ? 'taken' : null;
  const label = collision ? `${slug}-······` : slug;
  const known = stores.find((store) => store.url);
  const host = known?.url ? new URL(known.url).host.slice(known.namespace.length - 'store-'.length) : '…';
  return { slug: label, namespace: `store-${label}`, host: label + host, collision };
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
export const statusNames: Record<State, string> = { provisioning: 'Provisioning', ready: 'Ready', asleep: 'Asleep', failed: 'Failed', deleting: 'Deleting' };
