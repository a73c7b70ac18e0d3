// A store's tab "Domains": addresses that its owner brings along, each with what is left to do.
import { useState } from 'react';
import { messageOf } from '../api/client';
import { choosePrimary, useDomains } from '../state/domains';
import type { Detail } from '../state/detail';
import { toast } from '../state/toasts';
import { Empty, Skeleton } from '../ui/parts';
import { AddDomainDialog } from './AddDomainDialog';
import { DomainItem } from './DomainItem';

export function Domains({ store, mayChange }: { store: Detail; mayChange: boolean }) {
  const { answer, error } = useDomains(store);
  const [isAdding, setAdding] = useState(false);

  if (error && !answer) return <Empty title="The domains could not be read" icon="alert"><p>{error}</p></Empty>;
  if (!answer) return <Skeleton lines={4} />;
  const { domains } = answer;
  const primary = domains.find((domain) => domain.primary);
  const { host } = store.spec;

  async function goBack() {
    try {
      await choosePrimary(store, host!);
    } catch (refusal) {
      toast('bad', `${store.name}: ${messageOf(refusal)}`);
    }
  }
  const add = mayChange && store.status !== 'deleting' && <button type="button" className="primary" onClick={() => setAdding(true)}>Add a domain</button>;
  return (
    <div className="backups domains">
      {domains.length === 0 ? (
        <Empty title="No domain of your own yet" icon="store">
          <p>{host ? <>The store is reached at <code>{host}</code>. </> : null}Bring a domain that you have registered, and visitors reach the store there, too.</p>
          {add}
        </Empty>
      ) : (
        <div className="above">
          <p>
            {primary ? <>The store’s address is <strong>{primary.displayName}</strong>.</> : host && <>The store’s address is <strong>{host}</strong>.</>}
            {primary && host && mayChange && <>{' '}<button type="button" className="quiet small" onClick={() => void goBack()}>Go back to {host}</button></>}
          </p>
          <span className="spring" />
          {add}
        </div>
      )}
      <ol className="attempts" aria-label="Domains">
        {domains.map((domain) => <DomainItem key={domain.host} domain={domain} store={store} mayChange={mayChange} />)}
      </ol>
      {isAdding && <AddDomainDialog store={store} onClose={() => setAdding(false)} />}
    </div>
  );
}
