import { useState } from 'react';
import type { Detail } from '../state/detail';
import { change } from '../state/list';
import { toast } from '../state/toasts';
import { formatSchedule, parseSchedule, scheduleProblem, weekdays, type Schedule } from '../text/schedule';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** Of ES2022, and not among TypeScript's types before 5.1. */
const zones = (Intl as typeof Intl & { supportedValuesOf(key: 'timeZone'): string[] }).supportedValuesOf('timeZone');
const usual = (): Schedule => ({ days: new Set(weekdays.slice(0, 5)), start: '08:00', end: '20:00', zone: Intl.DateTimeFormat().resolvedOptions().timeZone });

/** When the store is awake of itself: days, one span of hours, a time zone. */
export function ScheduleDialog({ store, onClose }: { store: Detail; onClose: () => void }) {
  const known = store.spec.awakeSchedule;
  const [schedule, set] = useState(() => (known && parseSchedule(known)) || usual());
  const { isAsking, refusal, ask } = useAsking();
  const problem = scheduleProblem(schedule);
  async function submit(awakeSchedule: string | null) {
    await ask(async () => {
      await change(store, { awakeSchedule });
      toast('good', awakeSchedule ? `${store.name} sleeps and wakes by its schedule, from the next change on.` : `${store.name} has no schedule any more and stays as it is.`);
      onClose();
    });
  }
  const hour = (which: 'start' | 'end', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input type="time" value={schedule[which]} onChange={(event) => set({ ...schedule, [which]: event.target.value })} />
    </label>
  );
  return (
    <Dialog title={`Sleep schedule of ${store.name}`} onClose={onClose} onSubmit={() => !problem && void submit(formatSchedule(schedule))} footer={
      <>
        {known && <button type="button" className="danger" disabled={isAsking} onClick={() => void submit(null)}>Remove the schedule</button>}
        <span className="spring" />
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={Boolean(problem) || isAsking}>{isAsking ? 'Asking…' : 'Set the schedule'}</button>
      </>
    }>
      <fieldset className="days">
        <legend>Awake on</legend>
        {weekdays.map((day, index) => (
          <label key={day}>
            <input
              type="checkbox" checked={schedule.days.has(day)} aria-label={names[index]}
              onChange={() => {
                const days = new Set(schedule.days);
                if (!days.delete(day)) days.add(day);
                set({ ...schedule, days });
              }}
            />
            <span aria-hidden="true">{day}</span>
          </label>
        ))}
      </fieldset>
      <div className="sizes">
        {hour('start', 'From')}
        {hour('end', 'To')}
      </div>
      <label className="field">
        <span>Time zone</span>
        <input value={schedule.zone} list="zones" autoComplete="off" onChange={(event) => set({ ...schedule, zone: event.target.value.trim() })} />
      </label>
      <datalist id="zones">{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
      <p className="quiet small-text" aria-live="polite">
        {problem ? <span className="wrong">{problem}</span>
          : `At other times the store sleeps: its address says so, and it counts half.${schedule.end < schedule.start ? ' The hours end on the next day.' : ''} What is done by hand holds until the next change.`}
      </p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
