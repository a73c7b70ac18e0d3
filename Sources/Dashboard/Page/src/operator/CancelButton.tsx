import { useState } from 'react';
import { call } from '../api/client';
import type { OperatedJob } from '../api/schema';
import { toast } from '../state/toasts';
import { ReasonDialog } from './ReasonDialog';

export function CancelButton({ job, refresh }: { job: OperatedJob; refresh: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="small" onClick={() => setOpen(true)}>Cancel<span className="hidden"> job {job.id}</span></button>
      {isOpen && <CancelDialog job={job} onClose={() => { setOpen(false); refresh(); }} />}
    </>
  );
}

export function CancelDialog({ job, onClose }: { job: OperatedJob; onClose: () => void }) {
  return (
    <ReasonDialog
      title={`Cancel job ${job.id}?`} label="Reason" action="Cancel the job" keep="Let it run" isDanger
      ask={async (reason) => { toast('plain', (await call('cancelJob', { path: { id: job.id }, body: { reason } })).message); }}
      onClose={onClose}
    >
      <p>Its worker ends Helm at once, and {job.storeName} will be failed with this reason. A retry goes on from what is there.</p>
    </ReasonDialog>
  );
}
