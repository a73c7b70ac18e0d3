import { useState } from 'react';
import { messageOf } from '../api/client';
import type { Backup } from '../api/schema';
import { download } from '../state/backups';
import type { Detail } from '../state/detail';
import { toast } from '../state/toasts';
import { backupKinds, contents, restoreProblem } from '../text/backups';
import { exactly } from '../text/time';
import { Icon } from '../ui/icons';
import { ReasonedButton } from '../ui/ReasonedButton';
import { Ago } from '../ui/time';

const icons = { running: 'clock', done: 'check', failed: 'alert' } as const;
const classes = { running: 'current', done: 'done', failed: 'failed' };

interface Props {
  backup: Backup;
  store: Detail;
  mayChange: boolean;
  mayOwn: boolean;
  onRestore: () => void;
  onCopy: () => void;
}

export function BackupItem({ backup, store, mayChange, mayOwn, onRestore, onCopy }: Props) {
  const of = <span className="hidden"> the backup of {exactly(backup.createdAt)}</span>;
  const [isMaking, setMaking] = useState(false);
  async function fetchFile() {
    setMaking(true);
    try {
      await download(store, backup.id);
    } catch (refusal) {
      toast('bad', `${store.name}: ${messageOf(refusal)}`);
    }
    setMaking(false);
  }
  return (
    <li className={classes[backup.status]}>
      <Icon name={icons[backup.status]} />
      <div>
        <p>
          <strong>{backupKinds[backup.kind]}</strong>
          {backup.status === 'running' ? ' is being taken…' : backup.status === 'failed' ? ' failed' : <> · <span className="numbers">{contents(backup)}</span></>}
        </p>
        {backup.error && <p className="wrong">{backup.error}</p>}
        {backup.untested && <p className="quiet">It could not be tested the last time, which says nothing of it: {backup.untested}</p>}
        {backup.verifyError && <p className="wrong">A test restore failed: {backup.verifyError}</p>}
        <p className="quiet numbers">
          {exactly(backup.createdAt)} · <Ago at={backup.createdAt} />
          {backup.status === 'done' && backup.verifiedAt && <> · restored as a test on {exactly(backup.verifiedAt)}</>}
        </p>
        {mayChange && backup.status === 'done' && (
          <p className="buttons">
            <ReasonedButton reason={restoreProblem(store)} className="small" onClick={onRestore}>Restore…{of}</ReasonedButton>
            {mayOwn && <button type="button" className="small" onClick={onCopy}>Copy to a new store…{of}</button>}
            {mayOwn && <button type="button" className="small" disabled={isMaking} onClick={() => void fetchFile()}>{isMaking ? 'Making a file…' : 'Download'}{of}</button>}
          </p>
        )}
      </div>
    </li>
  );
}
