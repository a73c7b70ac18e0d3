// The platform under an operator's hand: queue, workers, running jobs, dead letters.
import { useEffect, useState } from 'react';
import { account, useAccount } from '../api/account';
import { Empty, Skeleton } from '../ui/parts';
import { DeadLetters } from './DeadLetters';
import { JobsTable } from './JobsTable';
import { Locks } from './Locks';
import { QueueCard } from './QueueCard';
import { useOperations } from './operations';
import { Workers } from './Workers';

export function OperatorPage() {
  const { operatorToken: token, mode } = useAccount();
  const { data, samples, error, refused, refresh } = useOperations(token);
  useEffect(() => {
    document.title = 'Operator · Store Weaver';
  }, []);
  if (refused && mode !== 'header') return <Empty title="This is for operators" icon="alert"><p>{refused}.</p></Empty>;
  if (refused) return <Door wasRefused={Boolean(token)} text={refused} />;
  if (!data) return error ? <Empty title="The queue could not be read" icon="alert"><p>{error} Retrying…</p></Empty> : <Skeleton lines={8} />;
  return (
    <>
      <div className="place-head">
        <h1>Operator</h1>
        {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
        <span className="spring" />
        {token && <button type="button" className="quiet" onClick={() => account.operate('')}>Leave</button>}
      </div>
      <div className="cards-grid">
        <QueueCard queue={data.queue} samples={samples} refresh={refresh} />
        <Workers workers={data.workers} />
        <JobsTable jobs={data.running} refresh={refresh} />
        <Locks locks={data.locks} orphans={data.orphans} />
        <DeadLetters jobs={data.dead} count={data.queue.dead} refresh={refresh} />
      </div>
    </>
  );
}

function Door({ wasRefused, text }: { wasRefused: boolean; text: string }) {
  const [typed, setTyped] = useState('');
  return (
    <form className="door" onSubmit={(event) => { event.preventDefault(); account.operate(typed); }}>
      <h1>Operator</h1>
      <p className="quiet">{text}</p>
      <label className="field">
        <span>Operator’s token</span>
        <input type="password" autoComplete="off" value={typed} aria-invalid={wasRefused} onChange={(event) => setTyped(event.target.value)} />
      </label>
      {wasRefused && <p className="wrong" role="alert">This token was refused.</p>}
      <p className="quiet">It is the installation’s <code>ADMIN_TOKEN</code>. The browser forgets it with this tab.</p>
      <button type="submit" className="primary" disabled={!typed.trim()}>Enter</button>
    </form>
  );
}
