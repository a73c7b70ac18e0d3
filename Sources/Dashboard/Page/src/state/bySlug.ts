// Which store an address means.
import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Store } from '../api/schema';
import { storeSlug } from '../text/names';
import { useSeesAll } from './people';

interface Found {
  /** Null: it is not known yet, or there is none. Once known it stays when the store is deleted, until another one has its slug. */
  id: string | null;
  isMissing: boolean;
  error: string | null;
}

/** Of the list where it has the store; else the API is asked: an operator sees more than a list of one's own has. */
export function useStoreId(slug: string, stores: Store[]): Found {
  const seesAll = useSeesAll();
  const [found, set] = useState<Found>({ id: null, isMissing: false, error: null });
  const listed = stores.find((store) => storeSlug(store) === slug)?.id ?? null;
  const id = listed ?? found.id;
  useEffect(() => {
    if (id) {
      set({ id, isMissing: false, error: null });
      return;
    }
    const asked = new AbortController();
    call('listStores', { query: { slug, limit: 1, scope: seesAll ? 'all' : undefined }, signal: asked.signal }).then(
      ({ stores: [store] }) => set({ id: store?.id ?? null, isMissing: !store, error: null }),
      (refusal) => { if (!asked.signal.aborted) set({ id: null, isMissing: false, error: messageOf(refusal) }); },
    );
    return () => asked.abort();
  }, [slug, id, seesAll]);
  return { ...found, id };
}
