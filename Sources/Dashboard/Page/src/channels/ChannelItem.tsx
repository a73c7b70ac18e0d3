import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Channel, NoticeEvent } from '../api/schema';
import { useUser } from '../api/account';
import { usePolled } from '../state/poll';
import { toast } from '../state/toasts';
import { eventName, outcome, stateName } from '../text/notices';
import { IconButton } from '../ui/parts';
import { Ago } from '../ui/time';
import { EventChoice } from './EventChoice';

/** One channel: what it is told, how that went, and what may be done with it. */
export function ChannelItem({ channel, events, onChange }: { channel: Channel; events: NoticeEvent[]; onChange: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const path = { id: channel.id };
  const isUnconfirmed = channel.state === 'unconfirmed';
  async function attempt(work: () => Promise<unknown>, done?: string) {
    try {
      await work();
      if (done) toast('good', done);
    } catch (error) {
      toast('bad', messageOf(error));
    }
    onChange();
  }
  const change = (body: { events: NoticeEvent[] } | { state: 'active' | 'paused' }) => attempt(() => call('changeChannel', { path, body }));
  return (
    <li>
      <p className="channel-head">
        <strong>{channel.shown}</strong>
        <span className={`badge ${channel.state === 'paused' ? 'failed' : isUnconfirmed ? 'queued' : channel.failingSince ? 'degraded' : 'ready'}`}>{stateName(channel)}</span>
        <span className="spring" />
        <IconButton icon="trash" danger label={`Delete ${channel.shown}`} onClick={() => void attempt(() => call('deleteChannel', { path }))} />
      </p>
      {channel.pausedReason && <p className="wrong">{channel.pausedReason}</p>}
      {channel.state === 'active' && channel.failingSince && <p className="warning">Nothing has come through since <Ago at={channel.failingSince} />. It is tried again for three days.</p>}
      {isUnconfirmed && <p>A mail with a link was sent there. Nothing else is sent before somebody opens it.</p>}
      <p className="buttons">
        {channel.state === 'paused'
          ? <button type="button" className="small" onClick={() => void change({ state: 'active' })}>Resume</button>
          : <button type="button" className="small" onClick={() => { setOpen(true); void attempt(() => call('testChannel', { path }), isUnconfirmed ? 'The link is on its way.' : 'A test is on its way.'); }}>{isUnconfirmed ? 'Send the link again' : 'Send a test'}</button>}
        {channel.state === 'active' && <button type="button" className="small" onClick={() => void change({ state: 'paused' })}>Pause</button>}
        <button type="button" className="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? 'Hide what was sent' : 'What was sent'}</button>
      </p>
      {isOpen && (
        <>
          <EventChoice events={events} chosen={channel.events} choose={(chosen) => (chosen.length ? void change({ events: chosen }) : toast('bad', 'One event at least; delete it to be told nothing.'))} />
          <Deliveries channel={channel.id} />
        </>
      )}
    </li>
  );
}

/** The last ones, kept up to date while somebody looks. */
function Deliveries({ channel }: { channel: string }) {
  const { data, error } = usePolled((signal) => call('listDeliveries', { path: { id: channel }, signal }), `${useUser()} ${channel}`);
  if (!data) return <p className="quiet" role="status">{error ?? 'Loading…'}</p>;
  if (data.deliveries.length === 0) return <p className="quiet">Nothing was sent yet.</p>;
  return (
    <ol className="deliveries" aria-label="What was sent">
      {data.deliveries.map((delivery) => (
        <li key={delivery.id}>
          <span>{eventName(delivery.event)}</span> <span className="quiet"><Ago at={delivery.createdAt} /></span>
          <span className={delivery.status === 'failed' ? 'wrong' : delivery.status === 'delivered' ? 'good' : 'quiet'}>{outcome(delivery)}</span>
        </li>
      ))}
    </ol>
  );
}
