import { useState, type ReactNode } from 'react';
import { messageOf } from '../api/client';
import { Dialog } from '../ui/Dialog';

interface Props {
  title: string;
  label: string;
  action: string;
  keep?: string;
  isDanger?: boolean;
  placeholder?: string;
  /** Throws `ApiError`, which is told. */
  ask: (reason: string) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** What the audit wants a reason for. */
export function ReasonDialog({ title, label, action, keep = 'Cancel', isDanger = false, placeholder, ask, onClose, children }: Props) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string | null>(null);
  async function submit() {
    if (!reason.trim()) return;
    try {
      await ask(reason.trim());
      onClose();
    } catch (problem) {
      setError(messageOf(problem));
    }
  }
  return (
    <Dialog title={title} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>{keep}</button>
        <button type="submit" className={`primary ${isDanger ? 'danger' : ''}`} disabled={!reason.trim()}>{action}</button>
      </>
    }>
      {children}
      <label className="field">
        <span>{label}</span>
        <input data-autofocus value={reason} maxLength={500} placeholder={placeholder} onChange={(event) => setReason(event.target.value)} />
      </label>
      {error && <p className="wrong" role="alert">{error}</p>}
    </Dialog>
  );
}
