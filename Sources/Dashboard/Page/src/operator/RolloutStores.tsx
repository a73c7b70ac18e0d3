import { useState } from 'react';
import { call } from '../api/client';
import { usePolled } from '../state/poll';
import { goToStore } from '../state/url';
import { waveName } from '../text/rollouts';
import { Skeleton } from '../ui/parts';
import { Ago } from '../ui/time';

const SIZE = 50;

/** The stores of a rollout that failed, were kept or were skipped, each with its reason. */
export function RolloutStores({ id, token }: { id: string; token: string }) {
  const [limit, setLimit] = useState(SIZE);
  const { data, error } = usePolled((signal) => call('listRolloutStores', { path: { id }, query: { state: 'failed,kept,skipped', limit }, signal }), `${token} ${limit}`);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={2} />;
  return (
    <>
      {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
      <div className="scroll" tabIndex={0} role="group" aria-label="Stores that were not upgraded">
        <table className="plain">
          <thead><tr><th scope="col">Store</th><th scope="col">Wave</th><th scope="col">State</th><th scope="col">Ended</th><th scope="col">Why</th></tr></thead>
          <tbody>
            {data.stores.map((store) => (
              <tr key={store.storeId}>
                <td><button type="button" className="as-link" onClick={() => goToStore(store, 'history')}>{store.storeName}</button></td>
                <td className="quiet">{waveName(store.wave)}</td>
                <td className={store.state === 'failed' ? 'wrong' : ''}>{store.state}</td>
                <td className="quiet numbers">{store.endedAt && <Ago at={store.endedAt} />}</td>
                <td className="why">{store.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.nextAfter !== undefined && limit < 500 && <button type="button" className="quiet" onClick={() => setLimit(Math.min(500, limit + 100))}>More stores</button>}
    </>
  );
}
