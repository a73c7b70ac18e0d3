import { useState } from 'react';
import { call } from '../api/client';
import type { Orphan } from '../api/schema';
import { usePolled } from '../state/poll';
import { Block } from '../ui/Block';
import { IconButton, Skeleton } from '../ui/parts';
import { Ago } from '../ui/time';

const SIZE = 25;
const kinds: Record<Orphan['kind'], string> = { namespace: 'Without a store', store: 'Without a namespace' };

/** What the last look at the cluster found without its counterpart, some at a time. */
export function OrphansSection({ token }: { token: string }) {
  const { data, error } = usePolled((signal) => call('listOrphans', { signal }), token);
  const [kind, setKind] = useState<Orphan['kind'] | null>(null);
  const [wanted, setPage] = useState(1);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  const found = data.orphans.filter((orphan) => !kind || orphan.kind === kind);
  const pages = Math.max(1, Math.ceil(found.length / SIZE));
  const page = Math.min(wanted, pages);
  const choose = (next: Orphan['kind'] | null) => {
    setKind(next);
    setPage(1);
  };
  return (
    <Block title="Orphans" actions={
      <div className="segments" role="group" aria-label="Which orphans">
        <button type="button" aria-pressed={kind === null} onClick={() => choose(null)}>All {data.orphans.length}</button>
        {(['namespace', 'store'] as const).map((one) => <button key={one} type="button" aria-pressed={kind === one} onClick={() => choose(one)}>{kinds[one]}</button>)}
      </div>
    }>
      {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
      {found.length === 0 ? <p className="quiet">No namespace without a store, no store without its namespace.</p> : (
        <ul className="rows" aria-label="Orphans">
          {found.slice((page - 1) * SIZE, page * SIZE).map((orphan) => (
            <li key={`${orphan.kind}/${orphan.name}`}><code>{orphan.name}</code><span className="quiet">{orphan.detail} <Ago at={orphan.firstSeen} /></span></li>
          ))}
        </ul>
      )}
      {pages > 1 && (
        <nav className="pager" aria-label="Pages of orphans">
          <span className="spring" />
          <IconButton icon="left" label="Previous page" disabled={page <= 1} onClick={() => setPage(page - 1)} />
          <span className="numbers">Page {page} of {pages}</span>
          <IconButton icon="right" label="Next page" disabled={page >= pages} onClick={() => setPage(page + 1)} />
        </nav>
      )}
      <p className="quiet small-text"><code>storectl orphans</code> adopts or deletes them, each by a command that says what will be lost.</p>
    </Block>
  );
}
