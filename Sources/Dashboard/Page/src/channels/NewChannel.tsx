import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Channel, NoticeEvent } from '../api/schema';
import { addressProblem, mailProblem, urgent } from '../text/notices';
import { CopyButton } from '../ui/parts';
import { EventChoice } from './EventChoice';

/** Adds a mailbox, which is asked first, or a webhook, whose secret is shown once. `mailFrom`: null where no mail is sent. */
export function NewChannel({ events, mailFrom, onMade }: { events: NoticeEvent[]; mailFrom: string | null; onMade: () => void }) {
  const [type, setType] = useState<Channel['type']>(mailFrom ? 'email' : 'webhook');
  const [address, setAddress] = useState('');
  const [chosen, setChosen] = useState<NoticeEvent[]>(urgent.filter((event) => events.includes(event)));
  const [made, setMade] = useState<{ secret?: string; shown: string } | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const isMail = type === 'email';
  async function make() {
    const text = address.trim();
    const problem = (isMail ? mailProblem : addressProblem)(text) ?? (chosen.length ? null : 'Choose what to be told.');
    setWrong(problem);
    if (problem) return;
    try {
      const { channel, secret } = await call('createChannel', { body: isMail ? { type, address: text, events: chosen } : { type, url: text, events: chosen } });
      setMade({ secret, shown: channel.shown });
      setAddress('');
      onMade();
    } catch (error) {
      setWrong(messageOf(error));
    }
  }
  return (
    <section className="new-channel" aria-label="Be told elsewhere, too">
      <h3>Add an address</h3>
      {made && (
        <p className="secret" role="status">
          {made.secret
            ? <>It is added. With this secret the receiver checks that a message comes from here: <code>{made.secret}</code> <CopyButton text={made.secret} what="the secret" /> It is not shown again.</>
            : <>A mail is on its way to {made.shown}. Open the link in it, and you are told there from then on.</>}
        </p>
      )}
      {mailFrom && (
        <label className="field">
          <span>By</span>
          <select value={type} onChange={(event) => { setType(event.target.value as Channel['type']); setWrong(null); }}>
            <option value="email">E-mail, from {mailFrom}</option>
            <option value="webhook">Webhook</option>
          </select>
        </label>
      )}
      <label className="field">
        <span>Address</span>
        <input type={isMail ? 'email' : 'url'} inputMode={isMail ? 'email' : 'url'} value={address} maxLength={isMail ? 254 : 2000} placeholder={isMail ? 'ada@example.com' : 'https://hooks.example.com/…'} autoComplete={isMail ? 'email' : 'off'} spellCheck={false} onChange={(event) => setAddress(event.target.value)} />
      </label>
      <EventChoice events={events} chosen={chosen} choose={setChosen} />
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      <p><button type="button" className="primary" onClick={() => void make()}>Add</button></p>
    </section>
  );
}
