import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { OperatedJob } from '../api/schema';
import { toast } from '../state/toasts';
import { Dialog } from '../ui/Dialog';

export function CancelButton({ job, refresh }: { job: OperatedJob; refresh: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  async function submit() {
    if (!reason.trim()) return;
    setOpen(false);
    try {
      const answer = await call('cancelJob', { path: { id: job.id }, body: { reason: reason.trim() } });
      toast('plain', answer.message);
    } catch (error) {
      toast('bad', messageOf(error));
    }
    refresh();
  }
  return (
    <>
      <button type="button" className="small" onClick={() => setOpen(true)}>Cancel</button>
      {isOpen && (
        <Dialog title={`Cancel job ${job.id}?`} onClose={() => setOpen(false)} onSubmit={() => void submit()} footer={
          <>
            <button type="button" onClick={() => setOpen(false)}>Let it run</button>
            <button type="submit" className="primary danger" disabled={!reason.trim()}>Cancel the job</button>
          </>
        }>
          <p>Its worker ends Helm at once, and {job.storeName} will be failed with this reason. A retry goes on from what is there.</p>
          <label className="field">
            <span>Reason</span>
            <input data-autofocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
          </label>
        </Dialog>
      )}
    </>
  );
}
