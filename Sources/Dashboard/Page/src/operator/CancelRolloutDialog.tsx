import { call } from '../api/client';
import type { Rollout } from '../api/schema';
import { toast } from '../state/toasts';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

export function CancelRolloutDialog({ rollout, onClose }: { rollout: Rollout; onClose: () => void }) {
  const { isAsking, refusal, ask } = useAsking();
  async function submit() {
    await ask(async () => {
      toast('plain', `${(await call('cancelRollout', { path: { id: rollout.id } })).message}.`);
      onClose();
    });
  }
  return (
    <Dialog title="Cancel this rollout?" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Let it go on</button>
        <button type="submit" className="primary danger" disabled={isAsking}>{isAsking ? 'Asking…' : 'Cancel the rollout'}</button>
      </>
    }>
      <p>Stores that wait ({rollout.stores.waiting}) keep their version. What is being upgraded goes on, and what is upgraded stays so.</p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
