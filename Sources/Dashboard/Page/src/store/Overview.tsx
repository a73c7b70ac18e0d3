import { Suspense } from 'react';
import type { LogLine } from '../api/schema';
import type { Detail } from '../state/detail';
import type { StoreList } from '../state/list';
import { later } from '../ui/later';
import { Skeleton } from '../ui/parts';
import { ActivityBlock } from './ActivityBlock';
import { BackupBlock } from './BackupBlock';
import { DangerZone } from './DangerZone';
import { FactsBlock } from './FactsBlock';
import { HealthBlock } from './HealthBlock';
import { OpeningBlock } from './OpeningBlock';
import { PlanBlock } from './PlanBlock';
import { SleepBlock } from './SleepBlock';
import { UseBlock } from './UseBlock';
import { WorkBlock } from './WorkBlock';

const UseHistory = later(() => import('./UseHistory').then((it) => it.UseHistory));

export function Overview({ store, log, list, mayChange, mayOwn }: { store: Detail; log: LogLine[]; list: StoreList; mayChange: boolean; mayOwn: boolean }) {
  return (
    <div className="overview">
      <WorkBlock store={store} log={log} stores={list.stores} />
      <div className="column">
        {store.url && <OpeningBlock store={store} mayOwn={mayOwn} />}
        <PlanBlock store={store} me={list.me} mayChange={mayChange} mayOwn={mayOwn} />
        <SleepBlock store={store} mayChange={mayChange} />
        <FactsBlock store={store} />
      </div>
      <div className="column">
        {store.readyAt && <HealthBlock store={store} />}
        <BackupBlock store={store} />
        <UseBlock store={store} />
        {store.readyAt && <Suspense fallback={<Skeleton lines={6} />}><UseHistory store={store} /></Suspense>}
      </div>
      <ActivityBlock store={store} />
      {mayOwn && <DangerZone store={store} isAsked={list.wishes.has(store.id)} />}
    </div>
  );
}
