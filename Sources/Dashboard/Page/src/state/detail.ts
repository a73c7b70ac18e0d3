// One store with all that is known of it, and its build log, as they are pushed.
import { useEffect, useState } from 'react';
import { useUser } from '../api/account';
import { address } from '../api/client';
import type { Answers, LogLine } from '../api/schema';
import { follow, type Link } from '../api/stream';

export type Detail = Answers['getStore']['store'];

export interface Followed {
  store: Detail | null;
  /** The newest attempt's lines, oldest first. */
  log: LogLine[];
  link: Link;
  /** It was deleted, or it never was this caller's. */
  isGone: boolean;
}

const nothing: Followed = { store: null, log: [], link: 'connecting', isGone: false };
/** More lines than anybody reads at once. */
const LINES = 2_000;

export function useDetail(id: string): Followed {
  const user = useUser();
  const [state, set] = useState<{ id: string } & Followed>({ id, ...nothing });
  useEffect(() => {
    set({ id, ...nothing });
    let lines: LogLine[] = [];
    let drawing = 0;
    const end = follow(address('followStore', { path: { id } }), {
      link: (link) => set((now) => (now.link === link ? now : { ...now, link })),
      refused: () => set((now) => ({ ...now, isGone: true })),
      event(name, data) {
        if (name === 'store') set((now) => ({ ...now, store: (data as Detail) }));
        if (name === 'deleted') set((now) => ({ ...now, isGone: true }));
        if (name !== 'log') return;
        const line = data as LogLine;
        if (lines.some((known) => known.id === line.id)) return;
        // A new attempt begins a new page of the log; the earlier ones are under History.
        lines = [...lines.filter((known) => known.attempt === line.attempt), line].slice(-LINES);
        drawing ||= window.setTimeout(() => {
          drawing = 0;
          set((now) => ({ ...now, log: lines }));
        }, 30);
      },
    });
    return () => {
      clearTimeout(drawing);
      end();
    };
  }, [id, user]);
  return state.id === id ? state : nothing;
}
