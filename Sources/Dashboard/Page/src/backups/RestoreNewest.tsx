import type { Backup } from '../api/schema';
import { useBackups } from '../state/backups';
import type { Detail } from '../state/detail';
import { contents, newestDone, restoreProblem } from '../text/backups';
import { Icon } from '../ui/icons';
import { ReasonedButton } from '../ui/ReasonedButton';
import { Ago } from '../ui/time';

/** The way back of a store that is lost or failed; nothing where it has no backup. */
export function RestoreNewest({ store, onRestore }: { store: Detail; onRestore: (backup: Backup, backups: Backup[]) => void }) {
  const backups = useBackups(store).answer?.backups ?? [];
  const newest = newestDone(backups);
  if (!newest) return null;
  return (
    <>
      <p>Its newest backup was taken <Ago at={newest.createdAt} />: {contents(newest)}.</p>
      <ReasonedButton reason={restoreProblem(store)} className="primary small" onClick={() => onRestore(newest, backups)}><Icon name="archive" />Restore from backup…</ReasonedButton>
    </>
  );
}
