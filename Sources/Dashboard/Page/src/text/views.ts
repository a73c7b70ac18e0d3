// Views of the list that somebody saved: a name, and the address that shows it. Pure.
import { format, parse, type View } from '../state/view';

export interface SavedView {
  name: string;
  address: string;
}

const MOST_VIEWS = 50;

/** The address of what is searched, filtered and sorted: of its first page, and without what stands before it. */
export const addressOf = (view: View) => format({ ...view, page: 1, dialog: null });

/** Whether there is anything to save: it is not the list as everybody first sees it. */
export const isWorthSaving = (view: View) => addressOf(view) !== '/';

/** What was kept, whoever wrote it: what is no view is left out. */
export function read(text: string | null): SavedView[] {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((one: unknown) => {
    const { name, address } = (one ?? {}) as Partial<Record<keyof SavedView, unknown>>;
    if (typeof name !== 'string' || typeof address !== 'string' || !name.trim() || !address.startsWith('/?')) return [];
    // Only what the list itself shows: the address is made anew of what is known of it.
    const view = parse(new URL(address, 'http://x'));
    return view.place === 'stores' ? [{ name: name.slice(0, 60), address: addressOf(view) }] : [];
  }).slice(0, MOST_VIEWS);
}

/** By name; one of the same name or the same address is replaced. Where there are too many, the last of the others goes. */
export function added(views: SavedView[], name: string, address: string): SavedView[] {
  const rest = views.filter((one) => one.name !== name && one.address !== address);
  return [...rest.slice(0, MOST_VIEWS - 1), { name, address }].sort((a, b) => a.name.localeCompare(b.name));
}
