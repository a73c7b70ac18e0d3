import { useLayoutEffect, useRef } from 'react';
import type { LogLine } from '../api/schema';
import { Clock } from '../ui/time';

/** Lines of workers and Helm; stays at the end while one looks at the end. */
export function BuildLog({ lines }: { lines: LogLine[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <div
      ref={box} className="log" role="log" aria-label="Build log" tabIndex={0}
      onScroll={({ currentTarget: it }) => { isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 24; }}
    >
      {lines.map((line) => (
        <div key={line.id} className={line.type.toLowerCase()}>
          <Clock at={line.at} />
          <span className="source">{line.source}</span>
          <span>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
