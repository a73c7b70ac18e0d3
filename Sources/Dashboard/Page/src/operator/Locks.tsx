import type { Lock, Orphan } from '../api/schema';
import { Ago } from '../ui/time';

/** Which namespaces are held, and what belongs to nobody. */
export function Locks({ locks, orphans }: { locks: Lock[]; orphans: Orphan[] }) {
  return (
    <section className="panel-card" aria-labelledby="locks-title">
      <header><h2 id="locks-title">Held namespaces</h2></header>
      {locks.length === 0 ? <p className="quiet">None is held.</p> : (
        <ul className="rows">
          {locks.map((lock) => (
            <li key={lock.namespace} className={lock.overdue ? 'wrong' : ''}>
              <code>{lock.namespace}</code>
              <span className="quiet numbers">{lock.worker ?? 'no worker'}, fence {lock.fence}{lock.overdue && ', lease overdue'}</span>
            </li>
          ))}
        </ul>
      )}
      <h3>Orphans</h3>
      {orphans.length === 0 ? <p className="quiet">No namespace without a store, no store without its namespace.</p> : (
        <ul className="rows">
          {orphans.map((orphan) => <li key={`${orphan.kind}/${orphan.name}`}><code>{orphan.name}</code><span className="quiet">{orphan.detail} <Ago at={orphan.firstSeen} /></span></li>)}
        </ul>
      )}
    </section>
  );
}
