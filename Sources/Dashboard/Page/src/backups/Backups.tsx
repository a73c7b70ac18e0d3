// A store's tab "Backups": what there is, newest first, and what can be done with it.
import { useState } from 'react';
import { ApiError, messageOf } from '../api/client';
import type { Backup } from '../api/schema';
import { takeBackup, useBackups } from '../state/backups';
import type { Detail } from '../state/detail';
import type { StoreList } from '../state/list';
import { toast } from '../state/toasts';
import { backUpProblem, newestDone } from '../text/backups';
import { size } from '../text/quantity';
import { exactly } from '../text/time';
import { Empty, Skeleton } from '../ui/parts';
import { Icon } from '../ui/icons';
import { ReasonedButton } from '../ui/ReasonedButton';
import { Ago } from '../ui/time';
import { BackupItem } from './BackupItem';
import { CopyDialog } from './CopyDialog';

interface Props {
  store: Detail;
  list: StoreList;
  mayChange: boolean;
  mayOwn: boolean;
  onRestore: (backup: Backup, backups: Backup[]) => void;
}

export function Backups({ store, list, mayChange, mayOwn, onRestore }: Props) {
  const { answer, error } = useBackups(store);
  const [isAsking, setAsking] = useState(false);
  const [isNone, setNone] = useState(false);
  /** What is to be copied; null within: the store as it is now. */
  const [copying, setCopying] = useState<{ backup: Backup | null } | null>(null);

  if (error && !answer) return <Empty title="The backups could not be read" icon="alert"><p>{error}</p></Empty>;
  if (!answer) return <Skeleton lines={4} />;
  const { backups } = answer;
  const newest = newestDone(backups);
  const problem = backUpProblem(store);
  const keeps = answer.keepsBackups && !isNone;

  async function backUp() {
    setAsking(true);
    try {
      await takeBackup(store);
    } catch (refusal) {
      if (refusal instanceof ApiError && refusal.code === 'no-backups') setNone(true);
      else toast('bad', `${store.name}: ${messageOf(refusal)}`);
    }
    setAsking(false);
  }

  const isRunning = store.activity === 'backing-up' || backups.some((backup) => backup.status === 'running');
  return (
    <div className="backups">
      {keeps && (
        <div className="above">
          <p>
            {newest && <>Last backup <strong><Ago at={newest.createdAt} /></strong></>}
            {answer.nextBackupAt && <span className="quiet">{newest && ' · '}Next at <time dateTime={answer.nextBackupAt}>{exactly(answer.nextBackupAt)}</time></span>}
            {answer.usedBytes > 0 && <span className="quiet"> · {size(answer.usedBytes)} in all</span>}
          </p>
          <span className="spring" />
          {mayOwn && <ReasonedButton reason={problem} onClick={() => setCopying({ backup: null })}><Icon name="copy" />Copy to a new store…</ReasonedButton>}
          {mayChange && (
            <ReasonedButton reason={problem ?? (isRunning || isAsking ? 'A backup is being taken' : null)} className="primary" onClick={() => void backUp()}>
              {isRunning ? 'Backing up…' : 'Back up now'}
            </ReasonedButton>
          )}
        </div>
      )}
      {answer.checkedAt && !answer.checkError && <p className="quiet">Checked <Ago at={answer.checkedAt} />: what is kept can be read.</p>}
      {answer.checkError && <p className="wrong">What is kept was found damaged: {answer.checkError}</p>}
      {!keeps && (
        <Empty title="This installation keeps no backups" icon="archive">
          <p>Nothing of this store is kept if it is deleted or lost. Whoever runs the installation can switch backups on.</p>
        </Empty>
      )}
      {keeps && backups.length === 0 && (
        <Empty title="No backup yet" icon="archive">
          <p>{store.readyAt ? 'The first one is taken in the coming night, and then one each night.' : 'The first one is taken in the night after the store is ready, and then one each night.'}</p>
        </Empty>
      )}
      <ol className="attempts" aria-label="Backups, newest first">
        {backups.map((backup) => (
          <BackupItem key={backup.id} backup={backup} store={store} mayChange={mayChange} mayOwn={mayOwn} onRestore={() => onRestore(backup, backups)} onCopy={() => setCopying({ backup })} />
        ))}
      </ol>
      {copying && <CopyDialog store={store} backup={copying.backup} backups={backups} list={list} onClose={() => setCopying(null)} />}
    </div>
  );
}
