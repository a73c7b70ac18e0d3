import { atClock } from '../text/time';

export interface Sample {
  at: number;
  queued: number;
  running: number;
}

const WIDTH = 600;
const HEIGHT = 96;

/** Waiting and running jobs since the page was opened. */
export function DepthChart({ samples }: { samples: Sample[] }) {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || samples.length < 2) return <div className="depth"><p className="quiet">Collecting data…</p></div>;
  const most = Math.max(4, ...samples.map((one) => one.queued + one.running));
  const x = (at: number) => ((at - first.at) / Math.max(1, last.at - first.at)) * WIDTH;
  const y = (count: number) => HEIGHT - (count / most) * (HEIGHT - 4);
  // Counts change in steps, so lines do.
  const line = (value: (one: Sample) => number) => samples.map((one, index) => `${index ? `H${x(one.at).toFixed(1)}V` : `M0 `}${y(value(one)).toFixed(1)}`).join('');
  const whole = (one: Sample) => one.queued + one.running;
  return (
    <figure className="depth">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Between ${Math.min(...samples.map(whole))} and ${Math.max(...samples.map(whole))} jobs; now ${last.queued} wait and ${last.running} run`}>
        <path className="queued" d={`${line(whole)}V${HEIGHT}H0Z`} />
        <path className="running" d={`${line((one) => one.running)}V${HEIGHT}H0Z`} />
      </svg>
      <figcaption className="quiet numbers">
        <span>{atClock(new Date(first.at).toISOString())}</span>
        <span className="legend"><i className="queued" />waiting <i className="running" />running, {most} at most</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
