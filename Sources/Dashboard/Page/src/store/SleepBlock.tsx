import { useState } from 'react';
import type { Detail } from '../state/detail';
import { ScheduleDialog } from '../stores/ScheduleDialog';
import { Block } from '../ui/Block';

export function SleepBlock({ store, mayChange }: { store: Detail; mayChange: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const schedule = store.spec.awakeSchedule;
  return (
    <Block title="Sleep" actions={mayChange && store.status !== 'deleting' && <button type="button" className="quiet small" onClick={() => setOpen(true)}>{schedule ? 'Change the schedule' : 'Set a schedule'}</button>}>
      <p>{schedule ? `Awake ${schedule}, asleep at other times.` : <span className="quiet">It sleeps and wakes by hand alone.</span>}</p>
      {isOpen && <ScheduleDialog store={store} onClose={() => setOpen(false)} />}
    </Block>
  );
}
