import { useAccount } from '../api/account';
import type { Detail } from '../state/detail';
import { useRead } from '../state/read';
import { whatWasDone, whoDid } from '../text/activity';
import { Skeleton } from '../ui/parts';
import { Ago } from '../ui/time';

/** Who did what with the store, newest first; of the latest 50 `most`. */
export function ActivityList({ store, most }: { store: Detail; most?: number }) {
  const { user, name } = useAccount();
  // Each of these follows from what somebody asked for.
  const { answer, error } = useRead('listActivity', store.id, [store.generation, store.status, store.activity, store.job?.id, store.spec.awakeSchedule].join());
  if (error && !answer) return <p className="wrong">{error}</p>;
  if (!answer) return <Skeleton lines={3} />;
  if (answer.entries.length === 0) return <p className="quiet">Nothing is written down of it.</p>;
  const me = user ? (user.name ?? user.id) : name || 'nobody';
  return (
    <ol className="timeline" aria-label="Activity, newest first">
      {answer.entries.slice(0, most).map((entry) => (
        <li key={entry.id}>
          <Ago at={entry.at} />
          <span><strong>{whoDid(entry, me)}</strong> {whatWasDone(entry)}</span>
        </li>
      ))}
    </ol>
  );
}
