import { useEffect, useState, type ReactNode } from 'react';
import { call } from '../api/client';
import type { Store } from '../api/schema';
import { isAscii, nameProblem, preview } from '../text/names';

export interface NewName {
  name: string;
  /** What is wrong with it; null: nothing. */
  problem: string | null;
  /** Tells the problem also of a field in which nothing was typed yet. */
  tellProblem: () => void;
  field: ReactNode;
}

/** A new store's name, with the address that it makes. */
export function useName(stores: Store[], first = ''): NewName {
  const [name, setName] = useState(first);
  const [wasTouched, setTouched] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const problem = nameProblem(name);
  const coming = preview(name, stores, told);

  useEffect(() => {
    setTold(null);
    if (isAscii(name) || nameProblem(name)) return;
    const asked = new AbortController();
    const timer = setTimeout(() => {
      // Without an answer the address shows itself once the store is made.
      call('getSlug', { path: { slug: name.trim() }, signal: asked.signal }).then(({ slug }) => setTold(slug), () => undefined);
    }, 250);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [name]);

  const field = (
    <>
      <label className="field">
        <span>Name</span>
        <input
          data-autofocus value={name} maxLength={200} placeholder="Acme Electronics" autoComplete="off" aria-invalid={wasTouched && Boolean(problem)}
          aria-describedby="name-note" onChange={(event) => { setName(event.target.value); setTouched(true); }}
        />
      </label>
      <div id="name-note" className="preview" aria-live="polite">
        {wasTouched && problem ? <p className="wrong">{problem}</p> : (
          <dl>
            <div><dt>Address</dt><dd>{name.trim() ? coming.host : '–'}</dd></div>
            <div><dt>Namespace</dt><dd>{name.trim() ? coming.namespace : '–'}</dd></div>
          </dl>
        )}
        {!problem && coming.collision && (
          <p className="quiet">{coming.collision === 'taken' ? 'Another store has this name' : 'The platform uses this name itself'}, so a six-character suffix is added.</p>
        )}
      </div>
    </>
  );
  return { name: name.trim(), problem, tellProblem: () => setTouched(true), field };
}
