import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import { CopyButton, Skeleton } from '../ui/parts';

/** The cluster's own words at an attempt's end. */
export function Evidence({ store, attempt }: { store: string; attempt: number }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    call('getAttempt', { path: { id: store, attempt } }).then(
      (answer) => setText(answer.attempt.evidence ? JSON.stringify(answer.attempt.evidence, null, 2) : 'Nothing was kept of this attempt.'),
      (error) => setText(messageOf(error)),
    );
  }, [store, attempt]);
  if (text === null) return <Skeleton lines={2} />;
  return (
    <div className="evidence">
      <CopyButton text={text} what="the evidence" />
      <pre className="code" tabIndex={0} aria-label="What the cluster said">{text}</pre>
    </div>
  );
}
