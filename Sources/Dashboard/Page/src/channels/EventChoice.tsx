import type { NoticeEvent } from '../api/schema';
import { eventName } from '../text/notices';

/** Which events a channel is told of. */
export function EventChoice({ events, chosen, choose }: { events: NoticeEvent[]; chosen: NoticeEvent[]; choose: (chosen: NoticeEvent[]) => void }) {
  return (
    <fieldset className="events">
      <legend>Tell it when</legend>
      {events.map((event) => (
        <label key={event}>
          <input type="checkbox" checked={chosen.includes(event)} onChange={(change) => choose(change.target.checked ? [...chosen, event] : chosen.filter((one) => one !== event))} />
          <span>{eventName(event)}</span>
        </label>
      ))}
    </fieldset>
  );
}
