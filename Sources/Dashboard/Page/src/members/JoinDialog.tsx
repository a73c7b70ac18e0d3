import { useEffect, useState } from 'react';
import { ApiError, messageOf } from '../api/client';
import type { Answers } from '../api/schema';
import { acceptInvitation, readInvitation } from '../state/members';
import { toast } from '../state/toasts';
import { goToStore } from '../state/url';
import { acceptText } from '../text/members';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { Skeleton } from '../ui/parts';

/** What somebody was invited to, and whether they want it. */
export function JoinDialog({ token, onClose }: { token: string; onClose: (keepsToken?: boolean) => void }) {
  const [told, tell] = useState<Answers['readInvitation'] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  /** It is for another account: whoever signs in with that one is asked again. */
  const [isOthers, setOthers] = useState(false);
  const { isAsking, refusal, ask } = useAsking();
  useEffect(() => {
    readInvitation(token).then(tell, (error) => {
      setOthers(error instanceof ApiError && error.code === 'other-address');
      setWrong(messageOf(error));
    });
  }, [token]);
  async function accept() {
    if (!told) return;
    await ask(async () => {
      const { message, store } = await acceptInvitation(token);
      toast('good', `${store.name}: ${message}.`);
      onClose();
      goToStore(store);
    });
  }
  const isOffer = told?.invitation.role === 'owner';
  return (
    <Dialog title="An invitation" onClose={() => onClose(isOthers)} onSubmit={() => void accept()} footer={
      <>
        <button type="button" onClick={() => onClose(isOthers)}>{told ? 'Not now' : 'Close'}</button>
        {told && <button type="submit" className="primary" disabled={isAsking}>{isOffer ? 'Take the store' : 'Join'}</button>}
      </>
    }>
      {wrong ? <p className="wrong" role="alert">{wrong}</p> : !told ? <Skeleton lines={3} /> : <p>{acceptText(told.invitation, told.store.name)}</p>}
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
