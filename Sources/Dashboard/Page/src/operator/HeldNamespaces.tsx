import type { Lock } from '../api/schema';
import { Block } from '../ui/Block';

/** Each is one attempt's. */
export function HeldNamespaces({ locks }: { locks: Lock[] }) {
  return (
    <Block title="Held namespaces" className="whole">
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
    </Block>
  );
}
