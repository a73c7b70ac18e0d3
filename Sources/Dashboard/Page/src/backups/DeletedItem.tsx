import { useState } from 'react';
import { messageOf } from '../api/client';
import type { DeletedStore } from '../api/schema';
import { bringBack } from '../state/backups';
import { toast } from '../state/toasts';
import { goToStore } from '../state/url';
import { contents } from '../text/backups';
import { engineNames } from '../text/names';
import { planNames } from '../text/plans';
import { exactly } from '../text/time';
import { EngineIcon, Icon } from '../ui/icons';
import { ReasonedButton } from '../ui/ReasonedButton';
import { Ago, Left } from '../ui/time';
import { ForgetDialog } from './ForgetDialog';

/** `limit`: why there is no room for another store. `onForgotten`: it is to be listed no more. */
export function DeletedItem({ store, limit, onForgotten }: { store: DeletedStore; limit: string | null; onForgotten: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [isForgetting, setForgetting] = useState(false);
  async function submit() {
    setAsking(true);
    try {
      const made = await bringBack(store);
      toast('good', `${made.name} is being brought back.`);
      goToStore(made);
    } catch (error) {
      toast('bad', `${store.name}: ${messageOf(error)}`);
      setAsking(false);
    }
  }
  const of = <span className="hidden"> {store.name}</span>;
  return (
    <li>
      <EngineIcon engine={store.engine} />
      <div>
        <strong>{store.name}</strong>
        <p className="quiet">{engineNames[store.engine]}, {planNames[store.plan]} · deleted <Ago at={store.deletedAt} /> · {contents(store.backup)}</p>
        <p className="quiet numbers">Kept until {exactly(store.keptUntil)} (<Left until={store.keptUntil} />)</p>
      </div>
      <div className="acts">
        <ReasonedButton reason={limit ?? (isAsking ? 'It is asked for' : null)} onClick={() => void submit()}><Icon name="retry" />{isAsking ? 'Asking…' : 'Bring back'}{of}</ReasonedButton>
        <button type="button" className="quiet danger" disabled={isAsking} onClick={() => setForgetting(true)}>Delete for good{of}</button>
      </div>
      {isForgetting && <ForgetDialog store={store} onClose={() => setForgetting(false)} onForgotten={onForgotten} />}
    </li>
  );
}
