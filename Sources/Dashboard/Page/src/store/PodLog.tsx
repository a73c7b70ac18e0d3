import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { address, call, messageOf } from '../api/client';
import type { Answers } from '../api/schema';
import { follow, type Link } from '../api/stream';
import { Empty, Skeleton } from '../ui/parts';

type Source = Omit<Answers['getPodLogs'], 'lines'>;
const LINES = 2_000;

/** A container's log, followed. */
export function PodLog({ id }: { id: string }) {
  const [chosen, choose] = useState<string | null>(null);
  const [source, setSource] = useState<Source | null>(null);
  const [lines, setLines] = useState<string[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [link, setLink] = useState<Link>('connecting');
  const box = useRef<HTMLPreElement>(null);

  useEffect(() => {
    setLines([]);
    setError(null);
    const query = { container: chosen ?? undefined, tail: 200, follow: 'true' };
    let end: () => void = () => undefined;
    const stopped = new AbortController();
    // Asked without following first: a stream does not tell why it was refused.
    call('getPodLogs', { path: { id }, query: { ...query, follow: 'false', tail: 0 }, signal: stopped.signal }).then(
      (answer) => {
        setSource(answer);
        end = follow(address('getPodLogs', { path: { id }, query }), {
          link: setLink,
          event(name, data) {
            // A connection that is made anew begins with the last lines again.
            if (name === 'source') setLines([]);
            if (name === 'lines') setLines((now) => [...now, ...(data as { lines: string[] }).lines].slice(-LINES));
            if (name === 'end') setError((data as { error?: string | null }).error ?? null);
          },
        });
      },
      (refusal) => { if (!stopped.signal.aborted) setError(messageOf(refusal)); },
    );
    return () => {
      stopped.abort();
      end();
    };
  }, [id, chosen]);

  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);

  if (error && !lines.length) return <Empty title="No log to show" icon="alert"><p>{error}</p></Empty>;
  if (!source) return <Skeleton lines={5} />;
  return (
    <>
      <div className="above">
        <div className="select">
          <select aria-label="Container" value={chosen ?? `${source.pod}/${source.container}`} onChange={(event) => choose(event.target.value)}>
            {source.containers.map((one) => <option key={`${one.pod}/${one.container}`} value={`${one.pod}/${one.container}`}>{one.container} · {one.pod}</option>)}
          </select>
        </div>
        <span className={`link ${link}`}><i aria-hidden="true" /><span>{link === 'live' ? 'Following' : link === 'offline' ? 'Offline' : '…'}</span></span>
      </div>
      <pre ref={box} className="code pod-log" role="log" tabIndex={0} aria-label="Container’s log">{lines.length ? lines.join('\n') : 'Nothing written yet.'}</pre>
      {error && <p className="wrong">{error}</p>}
    </>
  );
}
