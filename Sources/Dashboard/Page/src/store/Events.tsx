import type { Detail } from '../state/detail';
import { Clock } from '../ui/time';
import { Empty } from '../ui/parts';

export function Events({ events }: { events: Detail['events'] }) {
  if (events.length === 0) return <Empty title="No events yet" icon="clock"><p>What workers did and what the cluster said of it stands here.</p></Empty>;
  const newest = events.map((event, index) => ({ ...event, index })).sort((a, b) => (a.timestamp < b.timestamp ? 1 : a.timestamp > b.timestamp ? -1 : b.index - a.index));
  return (
    <ol className="timeline" aria-label="Events, newest first">
      {newest.map((event) => (
        <li key={event.index} className={event.type.toLowerCase()}>
          <Clock at={event.timestamp} />
          <span>{event.type !== 'Normal' && <strong>{event.type}: </strong>}{event.message}</span>
        </li>
      ))}
    </ol>
  );
}
