import { useEffect } from 'react';
import type { Engine, Store } from '../api/schema';
import { useRead } from '../state/read';
import { contents } from '../text/backups';
import { exactly } from '../text/time';

/** What a new store begins with. */
export type Source = { kind: 'new' } | { kind: 'backup'; store: Store | null; backup: string | null } | { kind: 'archive'; file: File | null };

const kinds = [
  ['new', 'New', 'With sample products'],
  ['backup', 'A backup', 'Of a store of yours'],
  ['archive', 'An archive', 'A downloaded backup'],
] as const;

/** What is missing for it; null: nothing. */
export function sourceProblem(source: Source): string | null {
  if (source.kind === 'backup' && !source.backup) return 'Choose the backup that the store begins with';
  if (source.kind === 'archive' && !source.file) return 'Choose the archive that the store begins with';
  return null;
}

/** Null: the archive says which. */
export const engineOf = (source: Source, chosen: Engine): Engine | null => (source.kind === 'new' ? chosen : source.kind === 'backup' ? (source.store?.engine ?? null) : null);

/** `stores`: of the new store's owner. */
export function SourceChoice({ source, choose, stores }: { source: Source; choose: (source: Source) => void; stores: Store[] }) {
  const saved = stores.filter((store) => store.lastBackupAt);
  const first: Record<Source['kind'], Source> = { new: { kind: 'new' }, backup: { kind: 'backup', store: saved[0] ?? null, backup: null }, archive: { kind: 'archive', file: null } };
  return (
    <>
      <fieldset className="cards thirds">
        <legend>Begins with</legend>
        {kinds.map(([kind, title, about]) => (
          <label key={kind} className={`card ${kind === 'backup' && !saved.length ? 'out' : ''}`}>
            <input type="radio" name="source" value={kind} checked={source.kind === kind} disabled={kind === 'backup' && !saved.length} onChange={() => choose(first[kind])} />
            <span>
              <strong>{title}</strong>
              <span className="quiet">{kind === 'backup' && !saved.length ? 'No store of yours has one' : about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {source.kind === 'backup' && source.store && (
        <>
          <label className="field">
            <span>Store</span>
            <select value={source.store.id} onChange={(event) => choose({ kind: 'backup', store: saved.find((one) => one.id === event.target.value) ?? null, backup: null })}>
              {saved.map((store) => <option key={store.id} value={store.id}>{store.name}</option>)}
            </select>
          </label>
          <BackupSelect key={source.store.id} store={source.store} chosen={source.backup} choose={(backup) => choose({ ...source, backup })} />
        </>
      )}
      {source.kind === 'archive' && (
        <label className="field">
          <span>Archive</span>
          <input type="file" accept=".tar" onChange={(event) => choose({ kind: 'archive', file: event.target.files?.[0] ?? null })} />
          <span className="quiet">It says which engine it is of. The store gets passwords of its own.</span>
        </label>
      )}
    </>
  );
}

function BackupSelect({ store, chosen, choose }: { store: Store; chosen: string | null; choose: (backup: string | null) => void }) {
  const { answer, error } = useRead('listBackups', store.id);
  const done = answer?.backups.filter((one) => one.status === 'done') ?? [];
  const newest = done[0]?.id ?? null;
  useEffect(() => {
    if (newest) choose(newest);
    // Once they are read.
  }, [newest]);
  return (
    <label className="field">
      <span>Backup</span>
      <select value={chosen ?? ''} onChange={(event) => choose(event.target.value)}>
        {done.map((one, index) => <option key={one.id} value={one.id}>{index === 0 && 'Newest, '}{exactly(one.createdAt)}: {contents({ ...one, size: null })}</option>)}
      </select>
      {error && <span className="wrong">{error}</span>}
    </label>
  );
}
