import type { RolloutNumbers } from '../api/schema';
import { memberStates, progress } from '../text/rollouts';

/** How far the stores of a wave are: a part of the bar for each state. */
export function WaveBar({ label, numbers }: { label: string; numbers: RolloutNumbers }) {
  const text = progress(numbers);
  return (
    <div className="bar">
      <span>{label}</span>
      <span className="numbers">{text}</span>
      <div className="wave" role="img" aria-label={`${label}: ${text}`}>
        {memberStates.map((state) => numbers[state] > 0 && <div key={state} className={state} style={{ width: `${(numbers[state] / numbers.total) * 100}%` }} />)}
      </div>
    </div>
  );
}
