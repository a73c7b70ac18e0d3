import { call } from '../api/client';
import { usePolled } from '../state/poll';
import { Empty, Skeleton } from '../ui/parts';
import { RolloutBlock } from './RolloutBlock';

/** Other versions for many stores at once, the newest rollout first. */
export function RolloutsSection({ token }: { token: string }) {
  const { data, error, refresh } = usePolled((signal) => call('listRollouts', { query: { limit: 20 }, signal }), token);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  if (data.rollouts.length === 0) {
    return (
      <Empty title="No rollouts" icon="gauge">
        <p>A rollout brings another version to many stores, in waves, and stops when too many go wrong. Begin one by <code>storectl rollouts create</code>.</p>
      </Empty>
    );
  }
  return (
    <div className="cards-grid">
      {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
      {data.rollouts.map((rollout) => <RolloutBlock key={rollout.id} rollout={rollout} token={token} refresh={refresh} />)}
    </div>
  );
}
