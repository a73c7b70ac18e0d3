import type { Detail } from '../state/detail';
import { Empty } from '../ui/parts';
import { Icon } from '../ui/icons';

export function Resources({ store }: { store: Detail }) {
  if (store.resources.length === 0) return <Empty title="Nothing there yet"><p>What the store consists of in the cluster stands here once it is made.</p></Empty>;
  return (
    <table className="plain">
      <caption className="hidden">Objects of this store in the cluster</caption>
      <thead><tr><th scope="col">Kind</th><th scope="col">Name</th><th scope="col">Status</th><th scope="col">Age</th></tr></thead>
      <tbody>
        {store.resources.map((one) => (
          <tr key={`${one.kind}/${one.name}`}>
            <td className="quiet">{one.kind}</td>
            <td><code>{one.name}</code></td>
            <td>
              <span className={`badge ${one.status === 'Error' ? 'failed' : one.status === 'Pending' ? 'provisioning' : 'ready'}`}>
                <Icon name={one.status === 'Error' ? 'alert' : one.status === 'Pending' ? 'clock' : 'check'} />
                {one.status} {one.replicas && <span className="numbers">{one.replicas}</span>}
              </span>
            </td>
            <td className="quiet numbers">{one.age}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
