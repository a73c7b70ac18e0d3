import type { Answers } from '../api/schema';

type Me = Answers['getMe'];

/** The quota that a person meets first. */
export const quotaOf = (me: Me) => (me.userId ? me.stores : me.total);

export const isAtLimit = (me: Me | null) => Boolean(me && (me.stores.used >= me.stores.limit || me.total.used >= me.total.limit));

/** Why no store can be created now; null: one can. */
export function limitReason(me: Me | null): string | null {
  if (!me) return null;
  if (me.userId && me.stores.used >= me.stores.limit) return `You have ${me.stores.used} of ${me.stores.limit} stores. Delete one to create another.`;
  if (me.total.used >= me.total.limit) return `The platform has reached its ${me.total.limit} stores. Ask its operator for room.`;
  return null;
}

/** The units of plans of whoever owns a store, where that is the caller; null: another's quota is not known here, and nobody's has none. */
export const unitsOf = (me: Me | null, owner: string | null | undefined) => (me?.userId && me.userId === owner ? me.units : null);
