import { useState } from 'react';
import type { UseDay } from '../api/schema';
import type { Detail } from '../state/detail';
import { useOverTime } from '../state/use';
import { parseQuantity, size } from '../text/quantity';
import { latest, series, type Measure, type Range } from '../text/use';
import { Block } from '../ui/Block';
import { useNow } from '../ui/time';

const ranges: [Range, string][] = [['day', '24 hours'], ['week', '7 days'], ['year', 'A year']];
const HEIGHT = 60;

const cpu = (millis: number) => `${Math.round(millis)} m`;
const memory = (bytes: number) => size(Math.round(bytes));
const time = (millis: number) => (millis < 1_000 ? `${Math.round(millis)} ms` : `${(millis / 1_000).toFixed(1)} s`);

/** What really ran, beside what is reserved for it, and how fast the store answered. */
export function UseHistory({ store }: { store: Detail }) {
  const [range, setRange] = useState<Range>('day');
  const { answer, error } = useOverTime(store.id, range);
  const { quotas } = store;
  return (
    <Block title="Over time" actions={
      <div className="segments" role="group" aria-label="Since when">
        {ranges.map(([name, words]) => <button key={name} type="button" aria-pressed={range === name} onClick={() => setRange(name)}>{words}</button>)}
      </div>
    }>
      {error && <p className="wrong">{error}</p>}
      {answer && (
        <>
          {answer.measured === false && <p className="quiet">This cluster does not measure CPU and memory: it has no metrics server, or none that tells Store Weaver.</p>}
          {(answer.measured || hasAny(answer.days, 'cpuMillis')) && (
            <>
              <Chart name="CPU" days={answer.days} measure="cpuMillis" range={range} told={cpu} reserved={parseQuantity(quotas.cpuUsed) * 1_000} />
              <Chart name="Memory" days={answer.days} measure="memoryBytes" range={range} told={memory} reserved={parseQuantity(quotas.memUsed)} />
            </>
          )}
          <Chart name="Response time" days={answer.days} measure="responseMillis" range={range} told={time} />
          <p className="quiet small-text">Response time: the median in which its catalogue was answered to the platform’s own question.</p>
        </>
      )}
    </Block>
  );
}

const hasAny = (days: UseDay[], measure: Measure) => days.some((day) => day[measure].some((one) => one !== null));

interface ChartProps {
  name: string;
  days: UseDay[];
  measure: Measure;
  range: Range;
  told: (value: number) => string;
  /** What is drawn as a line above, where something is reserved. */
  reserved?: number;
}

function Chart({ name, days, measure, range, told, reserved = 0 }: ChartProps) {
  const now = useNow(10);
  const values = series(days, measure, range, now);
  const known = values.filter((one): one is number => one !== null);
  const last = latest(values);
  const most = Math.max(...known, reserved || 0, 1);
  const y = (value: number) => HEIGHT - (value / most) * (HEIGHT - 2);
  const words = last === null ? 'not known' : `${told(last)}${reserved ? ` of ${told(reserved)} reserved` : ''}`;
  return (
    <figure className="over-time">
      <figcaption><span>{name}</span><span className="numbers">{words}{known.length > 1 && <span className="quiet">, {told(Math.max(...known))} at most</span>}</span></figcaption>
      <svg viewBox={`0 0 ${values.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${name} over time: ${words}`}>
        {values.map((value, index) => value !== null && <rect key={index} className="used" x={index} width=".9" y={y(value)} height={HEIGHT - y(value)} />)}
        {reserved > 0 && <line className="reserved" x1="0" x2={values.length} y1={y(reserved)} y2={y(reserved)} />}
      </svg>
    </figure>
  );
}
