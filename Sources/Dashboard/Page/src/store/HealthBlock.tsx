import type { Detail } from '../state/detail';
import { useRead } from '../state/read';
import { healthy, percent, spans, type Span } from '../text/health';
import { age } from '../text/time';
import { Block } from '../ui/Block';
import { useNow } from '../ui/time';

const HOUR = 3_600_000;
const times = [['24 hours', 24 * HOUR], ['30 days', 720 * HOUR]] as const;
const words = { healthy: 'Healthy', degraded: 'Degraded', unknown: 'Unknown: the cluster could not be asked' };

/** How it fared, as far back as that is known. */
export function HealthBlock({ store }: { store: Detail }) {
  const now = useNow(10);
  const { answer, error } = useRead('getHealthHistory', store.id, `${store.health} ${store.healthSince}`);
  return (
    <Block title="Health">
      <p>{store.health ? words[store.health] : 'It does not serve now, so nobody looks.'}</p>
      {error && !answer && <p className="wrong">{error}</p>}
      {answer && times.map(([name, length]) => <Strip key={name} name={name} all={spans(answer.history, store.health ?? null, store.readyAt ?? null, now - length, now)} />)}
      <p className="quiet small-text">Asleep, or while it was made, it is not counted.</p>
    </Block>
  );
}

function Strip({ name, all }: { name: string; all: Span[] }) {
  const { share, known } = healthy(all);
  const first = all[0]?.from ?? 0;
  const length = (all.at(-1)?.to ?? 1) - first;
  return (
    <div className="health-strip">
      <span>Last {name}</span>
      <span className="numbers">{known === 0 ? 'not known' : `${percent(share)} healthy${known * 1_000 < 0.95 * length ? ` of the ${age(known)} that are known` : ''}`}</span>
      <svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={`Health in the last ${name}`}>
        {all.map((span) => (
          <rect key={span.from} className={span.health ?? 'none'} x={((span.from - first) / length) * 1_000} width={Math.max(1.5, ((span.to - span.from) / length) * 1_000)} height="10">
            <title>{span.health ?? 'not counted'}</title>
          </rect>
        ))}
      </svg>
    </div>
  );
}
