import { useEffect, useState, type ReactNode } from 'react';
import { call } from '../api/client';
import type { Answers } from '../api/schema';
import { addressProblem, nameProblem } from '../text/names';

type Slug = Answers['getSlug'];

export interface NewName {
  name: string;
  /** The address that was typed, as the API writes it; undefined: the name makes one. */
  slug: string | undefined;
  /** What is wrong with them; null: nothing. */
  problem: string | null;
  /** Tells the problem also of a field in which nothing was typed yet. */
  tellProblem: () => void;
  fields: ReactNode;
}

/** A new store's name and address. What a text becomes as an address, and whether that is free, the API says while one types. */
export function useName(first = ''): NewName {
  const [name, setName] = useState(first);
  const [typed, setTyped] = useState<string | null>(null);
  const [wasTouched, setTouched] = useState(false);
  const wanted = (typed ?? name).trim();
  const answer = useSlug(wanted);
  const badName = nameProblem(name);
  const badAddress = typed === null ? null : addressProblem(wanted, answer);

  const fields = (
    <>
      <label className="field">
        <span>Name</span>
        <input
          data-autofocus value={name} maxLength={200} placeholder="Acme Electronics" autoComplete="off" aria-invalid={wasTouched && Boolean(badName)}
          aria-describedby="name-note" onChange={(event) => { setName(event.target.value); setTouched(true); }}
        />
      </label>
      <p id="name-note" className="wrong" aria-live="polite">{wasTouched && badName}</p>
      <label className="field">
        <span>Address</span>
        <input
          value={typed ?? (wanted ? (answer?.slug ?? '') : '')} maxLength={200} autoComplete="off" spellCheck={false} autoCapitalize="none"
          aria-invalid={Boolean(badAddress)} aria-describedby="address-note" onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <p id="address-note" className="address-note" aria-live="polite">
        {badAddress ? <span className="wrong">{badAddress}</span> : <Outcome answer={wanted ? answer : null} isOwn={typed !== null} />}
        {typed !== null && <button type="button" className="quiet small" onClick={() => setTyped(null)}>As the name says</button>}
      </p>
    </>
  );
  return { name: name.trim(), slug: typed === null ? undefined : answer?.slug, problem: badName ?? badAddress, tellProblem: () => setTouched(true), fields };
}

function Outcome({ answer, isOwn }: { answer: Slug | null; isOwn: boolean }) {
  if (!answer) return <span className="quiet">Made of the name. It stays when the name changes.</span>;
  const host = answer.url ? new URL(answer.url).host : answer.slug;
  if (answer.available) return <span className="good">{host} is free</span>;
  return isOwn ? null : <span className="quiet">{host} is taken, so six characters are added to it</span>;
}

/** Null until the API has answered. Without an answer the address shows itself once the store is made. */
function useSlug(text: string): Slug | null {
  const [known, set] = useState<{ text: string; answer: Slug } | null>(null);
  useEffect(() => {
    if (!text || nameProblem(text)) return;
    const asked = new AbortController();
    const timer = setTimeout(() => {
      call('getSlug', { path: { slug: text }, signal: asked.signal }).then((answer) => set({ text, answer }), () => undefined);
    }, 200);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [text]);
  return known?.text === text ? known.answer : null;
}
