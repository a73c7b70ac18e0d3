import type { Backup } from '../api/schema';
import type { Detail } from '../state/detail';
import { backupKinds, canRestore, contents } from '../text/backups';
import { exactly } from '../text/time';
import { Icon } from '../ui/icons';
import { Ago } from '../ui/time';

const icons = { running: 'clock', done: 'check', failed: 'alert' } as const;
const classes = { running: 'current', done: 'done', failed: 'failed' };

export function BackupItem({ backup, store, onRestore, onCopy }: { backup: Backup; store: Detail; onRestore: () => void; onCopy: () => void }) {
  const of = <span className="hidden"> the backup of {exactly(backup.createdAt)}</span>;
  return (
    <li className={classes[backup.status]}>
      <Icon name={icons[backup.status]} />
      <div>
        <p>
          <strong>{backupKinds[backup.kind]}</strong>
          {backup.status === 'running' ? ' is being taken…' : backup.status === 'failed' ? ' failed' : <> · <span className="numbers">{contents(backup)}</span></>}
        </p>
        {backup.error && <p className="wrong">{backup.error}</p>}
        <p className="quiet numbers">
          {exactly(backup.createdAt)} · <Ago at={backup.createdAt} />
          {backup.status === 'done' && backup.verifiedAt && <> · verified <Ago at={backup.verifiedAt} /></>}
        </p>
        {backup.status === 'done' && (
          <p className="buttons">
            <button type="button" className="small" disabled={!canRestore(store)} onClick={onRestore}>Restore…{of}</button>
            <button type="button" className="small" onClick={onCopy}>Copy to a new store…{of}</button>
          </p>
        )}
      </div>
    </li>
  );
}
