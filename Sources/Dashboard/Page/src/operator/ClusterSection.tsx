import { call } from '../api/client';
import type { NodeCapacity, PlanRoom } from '../api/schema';
import { usePolled } from '../state/poll';
import { engineNames } from '../text/names';
import { Block } from '../ui/Block';
import { Bar, Skeleton } from '../ui/parts';
import { Ago } from '../ui/time';

/** What the nodes can bear and have reserved, and how many more stores that leaves room for. */
export function ClusterSection({ token }: { token: string }) {
  const { data, error } = usePolled((signal) => call('getCapacity', { signal }), token);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  if (data.seenAt === null) return <p className="quiet">No worker has seen the nodes yet. <code>storectl doctor</code> tells whether they may.</p>;
  const engines = [...new Set(data.room.map((one) => one.engine))];
  return (
    <div className="cards-grid">
      <Block title="Room for more stores">
        {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
        {data.room.length === 0 && <p className="quiet">No worker tells what a plan reserves.</p>}
        <ul className="rows" aria-label="Room for more stores">
          {engines.map((engine) => (
            <li key={engine}><strong>{engineNames[engine]}</strong><span>{data.room.filter((one) => one.engine === engine).map(roomOf).join(', ')}</span></li>
          ))}
        </ul>
        <p className="quiet small-text">
          An estimate: what a plan reserves, against what each node has free. Each number is of stores of that plan alone.
          {data.waiting.pods > 0 && ` ${data.waiting.pods} ${data.waiting.pods === 1 ? 'pod waits' : 'pods wait'} for a node.`} Seen <Ago at={data.seenAt} />.
        </p>
      </Block>
      <Block title="Nodes">
        <ul className="workers" aria-label="Nodes">{data.nodes.map((node) => <NodeItem key={node.name} node={node} />)}</ul>
      </Block>
    </div>
  );
}

function roomOf({ plan, stores }: PlanRoom): string {
  return `${stores} ${plan}`;
}

function NodeItem({ node: { name, takesPods, allocatable, reserved } }: { node: NodeCapacity }) {
  const cpu = (millis: number) => String(Math.round(millis / 100) / 10);
  const memory = (bytes: number) => String(Math.round(bytes / 2 ** 30 * 10) / 10);
  return (
    <li className={takesPods ? '' : 'silent'}>
      <p><strong>{name}</strong> {!takesPods && <span className="badge deleting">Takes no pods</span>}</p>
      <Bar label="Processors reserved" value={reserved.cpuMillis} limit={allocatable.cpuMillis} text={`${cpu(reserved.cpuMillis)} of ${cpu(allocatable.cpuMillis)}`} />
      <Bar label="Memory reserved" value={reserved.memoryBytes} limit={allocatable.memoryBytes} text={`${memory(reserved.memoryBytes)} of ${memory(allocatable.memoryBytes)} GiB`} />
      <Bar label="Pods" value={reserved.pods} limit={allocatable.pods} text={`${reserved.pods} of ${allocatable.pods}`} />
    </li>
  );
}
