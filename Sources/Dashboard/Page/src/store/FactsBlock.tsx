import type { Detail } from '../state/detail';
import { duration, exactly, secondsBetween } from '../text/time';
import { Block } from '../ui/Block';
import { Fact } from '../ui/Facts';
import { CopyButton } from '../ui/parts';
import { Ago } from '../ui/time';

export function FactsBlock({ store }: { store: Detail }) {
  const { askedAt, readyAt } = store;
  return (
    <Block title="Facts">
      <dl className="facts">
        <Fact name="Runs">{store.engineVersion || 'not known yet'}</Fact>
        <Fact name="Pods running">{store.podsRunning} of {store.replicas}</Fact>
        <Fact name="Pod restarts">{store.podRestarts}</Fact>
        <Fact name="Created"><Ago at={store.createdAt} /></Fact>
        <Fact name="Ready in">{store.status !== 'provisioning' && readyAt && readyAt > askedAt ? <span title={exactly(readyAt)}>{duration(secondsBetween(askedAt, readyAt))}</span> : '–'}</Fact>
        <Fact name="Owner">{store.userId ?? 'nobody'}</Fact>
        <Fact name="Namespace"><code>{store.namespace}</code></Fact>
        <Fact name="Id"><code>{store.id}</code><CopyButton text={store.id} what="the store’s id" /></Fact>
        {store.restoredFrom && <Fact name="Made from backup"><code>{store.restoredFrom}</code></Fact>}
      </dl>
    </Block>
  );
}
