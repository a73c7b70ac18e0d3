import { useEffect, useState } from 'react';
import { account } from '../api/account';
import { address, call, messageOf } from '../api/client';
import type { AuditEntry } from '../api/schema';
import { toast } from '../state/toasts';
import { exactly } from '../text/time';
import { Block } from '../ui/Block';
import { Icon } from '../ui/icons';
import { Skeleton } from '../ui/parts';

const fields = [['actor', 'Who', 'ada@example.org'], ['action', 'What', 'store. or store.delete'], ['target', 'Of what', 'a store’s id, a worker']] as const;
type Filters = Partial<Record<typeof fields[number][0] | 'outcome', string>>;

/** Who did what, newest first, for admins. */
export function AuditSection() {
  const [filters, setFilters] = useState<Filters>({});
  const [entries, setEntries] = useState<AuditEntry[] | null>(null);
  const [next, setNext] = useState<number | undefined>(undefined);
  const [error, setError] = useState<string | null>(null);
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
  const asked = JSON.stringify(query);

  useEffect(() => {
    const stopped = new AbortController();
    const timer = setTimeout(() => {
      call('listAudit', { query: { ...query, limit: 50 }, signal: stopped.signal }).then(
        (answer) => { setEntries(answer.entries); setNext(answer.nextBefore); setError(null); },
        (refusal) => { if (!stopped.signal.aborted) setError(messageOf(refusal)); },
      );
    }, 200);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }, [asked]);

  async function older() {
    try {
      const answer = await call('listAudit', { query: { ...query, limit: 50, before: next } });
      setEntries((now) => [...(now ?? []), ...answer.entries]);
      setNext(answer.nextBefore);
    } catch (refusal) {
      setError(messageOf(refusal));
    }
  }
  async function save() {
    const answer = await fetch(address('exportAudit', { query }), { headers: account.headers() });
    if (!answer.ok) return toast('bad', `The server answered ${answer.status}.`);
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await answer.blob()), download: 'audit.ndjson' });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return (
    <Block title="Audit" actions={<button type="button" onClick={() => void save()}><Icon name="archive" />Export</button>}>
      <div className="filters">
        {fields.map(([name, label, hint]) => (
          <label key={name} className="field"><span>{label}</span><input value={filters[name] ?? ''} placeholder={hint} autoComplete="off" onChange={(event) => setFilters({ ...filters, [name]: event.target.value.trim() })} /></label>
        ))}
        <label className="field">
          <span>Outcome</span>
          <select value={filters.outcome ?? ''} onChange={(event) => setFilters({ ...filters, outcome: event.target.value })}>
            <option value="">any</option><option value="done">done</option><option value="refused">refused</option>
          </select>
        </label>
      </div>
      {error && <p className="wrong" role="alert">{error}</p>}
      {!entries && !error && <Skeleton lines={5} />}
      {entries?.length === 0 && <p className="quiet">Nothing matches.</p>}
      {entries && entries.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-label="Entries of the audit">
          <table className="plain">
            <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Of what</th><th scope="col">Detail</th><th scope="col">From</th></tr></thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td className="quiet numbers">{exactly(entry.at)}</td>
                  <td>{entry.actor}</td>
                  <td className={entry.outcome === 'refused' ? 'wrong' : ''}>{entry.action}{entry.outcome === 'refused' && ', refused'}</td>
                  <td><code>{entry.target}</code></td>
                  <td className="why">{entry.detail}</td>
                  <td className="quiet">{entry.source}{entry.address && ` ${entry.address}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {next !== undefined && <button type="button" className="quiet" onClick={() => void older()}>Older entries</button>}
    </Block>
  );
}
