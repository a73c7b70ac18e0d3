import { useState } from 'react';
import { call } from '../api/client';
import { usePolled } from '../state/poll';
import { Empty, Skeleton } from '../ui/parts';
import { RolloutBlock } from './RolloutBlock';
import { RolloutDialog } from './RolloutDialog';

/** Other versions for many stores at once, the newest rollout first. */
export function RolloutsSection({ token }: { token: string }) {
  const [isOpen, setOpen] = useState(false);
  const { data, error, refresh } = usePolled((signal) => call('listRollouts', { query: { limit: 20 }, signal }), token);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  const button = <button type="button" className="primary" onClick={() => setOpen(true)}>New rollout…</button>;
  return (
    <>
      {data.rollouts.length === 0 ? (
        <Empty title="No rollouts" icon="gauge">
          <p>A rollout brings another version to many stores, in waves, and stops when too many go wrong.</p>
          {button}
        </Empty>
      ) : (
        <>
          <div className="place-head"><span className="spring" />{button}</div>
          <div className="cards-grid">
            {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
            {data.rollouts.map((rollout) => <RolloutBlock key={rollout.id} rollout={rollout} token={token} refresh={refresh} />)}
          </div>
        </>
      )}
      {isOpen && <RolloutDialog onClose={() => { setOpen(false); refresh(); }} />}
    </>
  );
}
