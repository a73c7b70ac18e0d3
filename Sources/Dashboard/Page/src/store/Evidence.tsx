import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import { plainText, sections, type Section } from '../text/evidence';
import { CopyButton, Skeleton } from '../ui/parts';

/** What the cluster said at an attempt's end. */
export function Evidence({ store, attempt }: { store: string; attempt: number }) {
  const [read, set] = useState<{ all: Section[]; error: string | null } | null>(null);
  useEffect(() => {
    call('getAttempt', { path: { id: store, attempt } }).then(
      (answer) => set({ all: sections(answer.attempt.evidence ?? {}), error: null }),
      (error) => set({ all: [], error: messageOf(error) }),
    );
  }, [store, attempt]);
  if (!read) return <Skeleton lines={2} />;
  if (read.error) return <p className="wrong">{read.error}</p>;
  if (read.all.length === 0) return <p className="quiet">Nothing was kept of this attempt.</p>;
  return (
    <div className="evidence" role="group" aria-label="What the cluster said">
      <CopyButton text={plainText(read.all)} what="the evidence" />
      {read.all.map(({ title, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          <pre className="code" tabIndex={0} aria-label={title}>{lines.join('\n')}</pre>
        </div>
      ))}
    </div>
  );
}
