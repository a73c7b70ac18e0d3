// The platform under an operator's hand, in seven parts.
import { useState } from 'react';
import { account, useAccount } from '../api/account';
import { call } from '../api/client';
import { usePolled } from '../state/poll';
import type { ShownIncident } from '../state/incident';
import { useTitle } from '../state/title';
import { go } from '../state/url';
import type { Section } from '../state/view';
import { inState } from '../text/jobs';
import { Empty, Skeleton, Tabs, type TabItem } from '../ui/parts';
import { AuditSection } from './AuditSection';
import { ClusterSection } from './ClusterSection';
import { Door } from './Door';
import { IncidentDialog } from './IncidentDialog';
import { JobDialog } from './JobDialog';
import { OrphansSection } from './OrphansSection';
import { PeopleSection } from './PeopleSection';
import { QueueSection } from './QueueSection';
import { RolloutsSection } from './RolloutsSection';
import { WorkersSection } from './WorkersSection';

export function OperatorPage({ section, job, incident }: { section: Section; job: number | null; incident: ShownIncident }) {
  const [isTelling, setTelling] = useState(false);
  const { operatorToken: token, mode } = useAccount();
  const queue = usePolled((signal) => call('getQueue', { signal }), token);
  useTitle('Operator · Store Weaver');
  if (queue.refused && mode !== 'header') return <Empty title="This is for operators" icon="alert"><p>{queue.refused}.</p></Empty>;
  if (queue.refused) return <Door wasRefused={Boolean(token)} text={queue.refused} />;
  if (!queue.data) return queue.error ? <Empty title="The queue could not be read" icon="alert"><p>{queue.error} Retrying…</p></Empty> : <Skeleton lines={8} />;
  const items: TabItem<Section>[] = [
    { name: 'queue', label: 'Queue', count: inState(queue.data, 'queued') },
    { name: 'workers', label: 'Workers' },
    { name: 'cluster', label: 'Cluster' },
    { name: 'rollouts', label: 'Rollouts' },
    { name: 'orphans', label: 'Orphans' },
    // Where a header names people there is nobody to manage.
    ...(mode === 'accounts' ? [{ name: 'people', label: 'People' } as const] : []),
    { name: 'audit', label: 'Audit' },
  ];
  const chosen = items.some((one) => one.name === section) ? section : 'queue';
  return (
    <div className="operator-page">
      <div className="place-head">
        <h1>Operator</h1>
        {queue.error && <p className="wrong" role="status">{queue.error} What you see may be old.</p>}
        <span className="spring" />
        <button type="button" onClick={() => setTelling(true)}>Incident…</button>
        {token && <button type="button" className="quiet" onClick={() => account.operate('')}>Leave</button>}
      </div>
      <Tabs label="Parts of the platform" items={items} chosen={chosen} choose={(next) => go({ section: next })}>
        {chosen === 'queue' && <QueueSection queue={queue.data} token={token} refreshQueue={queue.refresh} />}
        {chosen === 'workers' && <WorkersSection token={token} />}
        {chosen === 'cluster' && <ClusterSection token={token} />}
        {chosen === 'rollouts' && <RolloutsSection token={token} />}
        {chosen === 'orphans' && <OrphansSection token={token} />}
        {chosen === 'people' && <PeopleSection token={token} />}
        {chosen === 'audit' && <AuditSection />}
      </Tabs>
      {isTelling && <IncidentDialog shown={incident} onClose={() => setTelling(false)} />}
      {job !== null && <JobDialog key={job} id={job} token={token} onClose={() => go({ job: null })} />}
    </div>
  );
}
