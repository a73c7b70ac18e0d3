import { useState } from 'react';
import type { Answers } from '../api/schema';
import type { Detail } from '../state/detail';
import { useVersions } from '../state/plans';
import { ChangeDialog } from '../stores/ChangeDialog';
import { PinDialog } from '../stores/PinDialog';
import { unitsOf } from '../stores/quota';
import { UpgradeDialog } from '../stores/UpgradeDialog';
import { bytes, planNames } from '../text/plans';
import { exactly } from '../text/time';
import { upgradesOf } from '../text/versions';
import { Block } from '../ui/Block';
import { Fact } from '../ui/Facts';

export function PlanBlock({ store, me, mayChange, mayOwn }: { store: Detail; me: Answers['getMe'] | null; mayChange: boolean; mayOwn: boolean }) {
  const [dialog, open] = useState<'change' | 'pin' | 'upgrade' | null>(null);
  const close = () => open(null);
  const upgrades = upgradesOf(store, useVersions());
  const canChange = mayChange && store.status === 'ready' && !store.drift;
  const { storage, pinned, pinnedUntil } = store.spec;
  return (
    <Block title="Plan and version" actions={
      <>
        {canChange && mayOwn && <button type="button" className="quiet small" onClick={() => open('change')}>Change plan or storage</button>}
        {mayChange && store.version && store.status !== 'deleting' && <button type="button" className="quiet small" onClick={() => open('pin')}>Keep this version…</button>}
        {canChange && upgrades.length > 0 && !store.activity && <button type="button" className="quiet small" onClick={() => open('upgrade')}>Upgrade…</button>}
      </>
    }>
      <dl className="facts">
        <Fact name="Plan">{planNames[store.plan]}</Fact>
        <Fact name="Version">{store.version ?? 'not known yet'}{upgrades.length > 0 && <span className="quiet"> · {upgrades[0]!.version} is offered</span>}</Fact>
        {pinned && <Fact name="Kept until">{pinnedUntil ? exactly(pinnedUntil) : 'somebody ends it'}<span className="quiet"> · upgrades of the platform leave it alone</span></Fact>}
        <Fact name="Database volume">{storage.database ? bytes(storage.database) : 'not known yet'}</Fact>
        <Fact name="Uploads volume">{storage.uploads ? bytes(storage.uploads) : 'not known yet'}</Fact>
      </dl>
      {dialog === 'change' && <ChangeDialog store={store} quota={unitsOf(me, store.userId)} onClose={close} />}
      {dialog === 'pin' && <PinDialog store={store} onClose={close} />}
      {dialog === 'upgrade' && <UpgradeDialog store={store} versions={upgrades} onClose={close} />}
    </Block>
  );
}
