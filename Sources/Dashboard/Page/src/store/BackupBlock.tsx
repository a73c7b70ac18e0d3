import { useBackups } from '../state/backups';
import type { Detail } from '../state/detail';
import { go } from '../state/url';
import { contents, newestDone } from '../text/backups';
import { exactly } from '../text/time';
import { Block } from '../ui/Block';
import { Ago } from '../ui/time';

/** The newest backup, which also says how many orders and products there were. */
export function BackupBlock({ store }: { store: Detail }) {
  const { answer, error } = useBackups(store);
  const newest = answer && newestDone(answer.backups);
  return (
    <Block title="Backups" actions={<button type="button" className="quiet small" onClick={() => go({ tab: 'backups' })}>All backups</button>}>
      {error && !answer && <p className="wrong">{error}</p>}
      {newest && <p>The newest was taken <strong><Ago at={newest.createdAt} /></strong>: <span className="numbers">{contents(newest)}</span>.</p>}
      {answer && !newest && <p className="quiet">{answer.keepsBackups ? 'None yet.' : 'This installation keeps none.'}</p>}
      {answer?.nextBackupAt && <p className="quiet">Next at <time dateTime={answer.nextBackupAt}>{exactly(answer.nextBackupAt)}</time></p>}
    </Block>
  );
}
