// The list of stores as the API has it: read once, then kept by what is pushed.
import { useEffect, useSyncExternalStore } from 'react';
import { useUser } from '../api/account';
import { address, call, messageOf } from '../api/client';
import type { Answers, Store, StoreChange } from '../api/schema';
import { followShared, type Link } from '../api/stream';
import { endOf } from '../text/changes';
import { storeSlug } from '../text/names';
import { tellReady } from './title';
import { toast } from './toasts';

export type Wish = 'retry' | 'takeOver' | 'delete' | 'purge' | 'sleep' | 'wake';

export interface StoreList {
  /** Newest first. */
  stores: Store[];
  /** Whether `stores` is the whole list, as of the last event. */
  isLoaded: boolean;
  error: string | null;
  link: Link;
  me: Answers['getMe'] | null;
  /** What was asked for and has not been answered. */
  wishes: ReadonlyMap<string, Wish>;
}

const PAGE = 200;
/** How soon a list that could not be read is asked for anew. */
const AGAIN = 3_000;
const empty: StoreList = { stores: [], isLoaded: false, error: null, link: 'waiting', me: null, wishes: new Map() };

let state = empty;
let byId = new Map<string, Store>();
/** What was pushed while the list was being read: it is newer than the list. */
let pushed: Map<string, Store | null> | null = null;
let reading: AbortController | null = null;
let again = 0;
/** Stores that this page has changed, as they were then, until the end of that is told. */
const ours = new Map<string, Store>();
let drawing = 0;
let asking = 0;
const listeners = new Set<() => void>();

function set(change: Partial<StoreList>) {
  state = { ...state, ...change };
  // A burst of events is drawn once.
  if (!drawing) drawing = window.setTimeout(draw, 16);
}

function draw() {
  drawing = 0;
  listeners.forEach((listener) => listener());
}

function put(store: Store | null, id: string) {
  pushed?.set(id, store);
  const known = byId.get(id);
  if (store) byId.set(id, store);
  else byId.delete(id);
  const asked = ours.get(id);
  const end = asked && known && store && endOf(asked, known, store);
  if (end) {
    ours.delete(id);
    toast(end.isMade ? 'good' : 'bad', end.text);
  }
  if (known?.status === 'provisioning' && store?.status === 'ready') tellOfReady(store);
  const isShared = store && state.me?.memberOf.some((one) => one.store === store.id);
  // What is gone and was not here is no news.
  if (!known && !store) return;
  if (!known || !store || isShared || known.userId !== store.userId || known.status !== store.status || known.plan !== store.plan || known.asleep !== store.asleep) askForQuota();
}

/** Own stores that became ready, told together: a queue may let many through at once. */
let ready: string[] = [];
function tellOfReady(store: Store) {
  if (state.me?.userId && store.userId !== state.me.userId) return;
  if (ready.push(store.name) > 1) return;
  setTimeout(() => {
    toast('good', ready.length === 1 ? `${ready[0]} is ready.` : `${ready.length} stores are ready.`);
    tellReady(ready);
    ready = [];
  }, 300);
}

const sorted = () => [...byId.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : a.id < b.id ? 1 : -1));

async function read() {
  clearTimeout(again);
  reading?.abort();
  const { signal } = (reading = new AbortController());
  const fresh = new Map<string, Store>();
  pushed = new Map();
  try {
    let cursor: string | undefined;
    do {
      const page = await call('listStores', { query: { limit: PAGE, cursor, scope }, signal });
      for (const store of page.stores) fresh.set(store.id, store);
      cursor = page.nextCursor;
      if (cursor && !state.isLoaded) {
        // The first page is worth seeing before the last is there.
        byId = new Map([...fresh, ...byId]);
        set({ stores: sorted() });
      }
    } while (cursor);
    for (const [id, store] of pushed) {
      if (store) fresh.set(id, store);
      else fresh.delete(id);
    }
    byId = fresh;
    pushed = null;
    set({ stores: sorted(), isLoaded: true, error: null });
  } catch (error) {
    if (signal.aborted) return;
    set({ error: messageOf(error) });
    again = window.setTimeout(() => void read(), AGAIN);
  }
}

/** Also of which stores one is a member. */
export function askForQuota() {
  clearTimeout(asking);
  asking = window.setTimeout(() => {
    call('getMe').then((me) => set({ me }), () => undefined);
  }, 150);
}

/** Everybody's, where one may see them and wants to. */
let scope: 'all' | undefined;

function begin(): () => void {
  byId = new Map();
  set({ ...empty, link: 'connecting' });
  askForQuota();
  const end = followShared(address('followStores', { query: { scope } }), {
    link: (link) => link !== state.link && set({ link }),
    refused: (status) => set({ error: `The server answered ${status}. Sign in anew.` }),
    event(name, data) {
      if ((name === 'hello' && (!(data as { resumed: boolean }).resumed || !state.isLoaded)) || name === 'reset') void read();
      else if (name === 'store') put(data as Store, (data as Store).id);
      else if (name === 'deleted') put(null, (data as Store).id);
      if (name === 'store' || name === 'deleted') set({ stores: sorted() });
    },
  });
  return () => {
    end();
    clearTimeout(again);
    reading?.abort();
  };
}

/** Asks for something and shows it as asked until the API has answered. Throws `ApiError`. */
export async function wish(store: Store, kind: Wish): Promise<void> {
  if (state.wishes.has(store.id)) return;
  set({ wishes: new Map(state.wishes).set(store.id, kind) });
  try {
    const path = { id: store.id };
    if (kind === 'delete' || kind === 'purge') take((await call('deleteStore', { path, query: { purge: kind === 'purge' ? 'true' : undefined } })).store);
    else if (kind === 'sleep' || kind === 'wake') take((await call('changeStore', { path, body: { asleep: kind === 'sleep' } })).store);
    else take((await call('retryStore', { path, body: { takeOver: kind === 'takeOver' } })).store);
  } finally {
    const wishes = new Map(state.wishes);
    wishes.delete(store.id);
    set({ wishes });
  }
}

/** Makes an empty store in place of a lost one. Throws `ApiError`. */
export async function recreate(store: Store): Promise<void> {
  take((await call('recreateStore', { path: { id: store.id }, body: { confirm: storeSlug(store) } })).store);
}

/** Changes what a store is to be, if it still is what was seen. Throws `ApiError`. */
export async function change(store: Store, body: StoreChange): Promise<void> {
  take((await call('changeStore', { path: { id: store.id }, body, ifMatch: store.generation })).store);
}

/** What is being done of this store was asked for here: its end is told. */
export function tellEnd(store: Store) {
  ours.set(store.id, store);
}

/** A store from an answer; an event that came first is not overwritten by it. */
export function take(store: Store) {
  if (store.activity) tellEnd(store);
  const known = byId.get(store.id);
  if (known && known.updatedAt > store.updatedAt) return;
  put(store, store.id);
  set({ stores: sorted() });
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export const useStores = () => useSyncExternalStore(subscribe, () => state);

/** Keeps the list live for whoever is signed in. Used once, by the page. */
export function useLiveList(all: boolean) {
  const user = useUser();
  useEffect(() => {
    scope = all ? 'all' : undefined;
    return begin();
  }, [user, all]);
}
