import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { OperatedJob } from '../api/schema';
import { usePolled } from '../state/poll';
import { toast } from '../state/toasts';
import { go, goToStore } from '../state/url';
import { causeTitle } from '../text/causes';
import { changeText, isOver } from '../text/jobs';
import { duration, exactly, secondsBetween } from '../text/time';
import { Dialog } from '../ui/Dialog';
import { Fact } from '../ui/Facts';
import { Skeleton } from '../ui/parts';
import { useNow } from '../ui/time';
import { CancelDialog } from './CancelButton';

/** The way to all that is known of a job; `?job=` leads there, too. */
export function JobLink({ job }: { job: OperatedJob }) {
  return <button type="button" className="as-link numbers" aria-label={`Job ${job.id}, ${job.kind}`} onClick={() => go({ job: job.id })}>{job.id}</button>;
}

/** One job: what it is, what became of it at each moment, and what can be done. */
export function JobDialog({ id, token, onClose }: { id: number; token: string; onClose: () => void }) {
  const now = useNow();
  const { data, error, refused, refresh } = usePolled((signal) => call('getJob', { path: { id }, signal }), `${token} ${id}`);
  const [isCancelling, setCancelling] = useState(false);
  const job = data?.job;
  async function replay() {
    try {
      await call('replayJob', { path: { id } });
      toast('plain', `${job!.storeName}: the job is queued again, as a new one.`);
      onClose();
    } catch (problem) {
      toast('bad', messageOf(problem));
    }
  }
  const took = job?.startedAt ? secondsBetween(job.startedAt, job.finishedAt ? Date.parse(job.finishedAt) : now) : null;
  if (job && isCancelling) return <CancelDialog job={job} onClose={() => { setCancelling(false); refresh(); }} />;
  return (
    <Dialog title={`Job ${id}`} onClose={onClose} onSubmit={onClose} footer={
      <>
        {job && !isOver(job) && !job.cancelRequestedAt && <button type="button" onClick={() => setCancelling(true)}>Cancel the job…</button>}
        {job && (job.state === 'failed' || job.state === 'cancelled') && <button type="button" onClick={() => void replay()}>Replay</button>}
        <span className="spring" />
        {job && <button type="button" onClick={() => goToStore(job, 'history')}>{job.storeName}</button>}
        <button type="submit" className="primary">Close</button>
      </>
    }>
      {(error ?? refused) && <p className="wrong" role="alert">{error ?? refused}</p>}
      {!job && !error && !refused && <Skeleton lines={6} />}
      {job && (
        <>
          <dl className="facts">
            <Fact name="What">{job.kind} of {job.storeName}, of {job.user ?? 'nobody'}</Fact>
            <Fact name="State">{job.state}{job.cancelRequestedAt && !isOver(job) && ' · cancel asked'}</Fact>
            <Fact name="Attempt">{job.attempt} of {job.maxAttempts}{job.reclaims > 0 && ` · taken from ${job.reclaims} vanished ${job.reclaims === 1 ? 'worker' : 'workers'}`}</Fact>
            {job.worker && <Fact name="Worker">{job.worker}</Fact>}
            {took !== null && <Fact name={isOver(job) ? 'Took' : 'Runs for'}>{duration(Math.floor(took))}</Fact>}
            {job.state === 'queued' && Date.parse(job.runAfter) > now && <Fact name="Not before">{exactly(job.runAfter)}</Fact>}
            {job.cause && <Fact name="Cause">{causeTitle(job.cause)} <code className="quiet">{job.cause}</code></Fact>}
            {job.traceparent && <Fact name="Trace"><code>{job.traceparent.split('-')[1]}</code></Fact>}
          </dl>
          {job.error && <p className="wrong">{job.error}</p>}
          <div className="scroll" tabIndex={0} role="group" aria-label="What became of it">
            <table className="plain">
              <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Worker</th><th scope="col">Fence</th></tr></thead>
              <tbody>
                {data.history.map((change, index) => (
                  <tr key={index}>
                    <td className="numbers quiet">{exactly(change.at)}</td>
                    <td className="why">{changeText(change)}{change.error && <span className="quiet"> {change.error}</span>}</td>
                    <td>{change.worker ?? '–'}</td>
                    <td className="numbers">{change.fence ?? '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Dialog>
  );
}
