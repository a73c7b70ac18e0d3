import type { Detail } from '../state/detail';
import { ratio } from '../text/quantity';
import { Block } from '../ui/Block';
import { Bar } from '../ui/parts';

const disks = { database: 'Database', uploads: 'Uploads', cache: 'Cache' };
const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)}Mi`;

/** What it really uses, where that is counted, beside what is reserved for it. */
export function UseBlock({ store: { quotas, volumes } }: { store: Detail }) {
  return (
    <Block title="Use">
      <h3>Used of its disks</h3>
      <div className="bars">
        {volumes.length === 0 && <p className="quiet">Not counted yet.</p>}
        {volumes.map((it) => <Bar key={it.name} label={disks[it.name]} {...ratio(mebibytes(it.usedBytes), mebibytes(it.sizeBytes))} />)}
      </div>
      <h3>Reserved of its quota</h3>
      <div className="bars">
        <Bar mayBeFull label="CPU" {...ratio(quotas.cpuUsed, quotas.cpuLimit)} />
        <Bar mayBeFull label="Memory" {...ratio(quotas.memUsed, quotas.memLimit)} />
        <Bar mayBeFull label="Volumes" {...ratio(quotas.pvcUsed, quotas.pvcLimit)} />
      </div>
    </Block>
  );
}
