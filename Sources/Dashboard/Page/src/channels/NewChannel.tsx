import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { NoticeEvent } from '../api/schema';
import { addressProblem, urgent } from '../text/notices';
import { CopyButton } from '../ui/parts';
import { EventChoice } from './EventChoice';

/** Adds a webhook. Its secret is shown once. */
export function NewChannel({ events, onMade }: { events: NoticeEvent[]; onMade: () => void }) {
  const [url, setURL] = useState('');
  const [chosen, setChosen] = useState<NoticeEvent[]>(urgent.filter((event) => events.includes(event)));
  const [secret, setSecret] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  async function make() {
    const problem = addressProblem(url) ?? (chosen.length ? null : 'Choose what to be told.');
    setWrong(problem);
    if (problem) return;
    try {
      setSecret((await call('createChannel', { body: { type: 'webhook', url: url.trim(), events: chosen } })).secret);
      setURL('');
      onMade();
    } catch (error) {
      setWrong(messageOf(error));
    }
  }
  return (
    <section className="new-channel" aria-label="A new webhook">
      <h3>Add a webhook</h3>
      {secret && (
        <p className="secret" role="status">
          It is added. With this secret the receiver checks that a message comes from here: <code>{secret}</code> <CopyButton text={secret} what="the secret" /> It is not shown again.
        </p>
      )}
      <label className="field">
        <span>Address</span>
        <input type="url" inputMode="url" value={url} maxLength={2000} placeholder="https://hooks.example.com/…" autoComplete="off" spellCheck={false} onChange={(event) => setURL(event.target.value)} />
      </label>
      <EventChoice events={events} chosen={chosen} choose={setChosen} />
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      <p><button type="button" className="primary" onClick={() => void make()}>Add</button></p>
    </section>
  );
}
