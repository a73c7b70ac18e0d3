import { useId, type ReactNode } from 'react';

interface Props {
  /** Why it cannot be used now; null: it can. */
  reason: string | null;
  className?: string;
  label?: string;
  onClick: () => void;
  children: ReactNode;
}

/** A button that says why it cannot be used, when it is pointed at and to a screen reader. */
export function ReasonedButton({ reason, className, label, onClick, children }: Props) {
  const id = useId();
  return (
    <span className="reasoned" title={reason ?? undefined}>
      <button type="button" className={className} disabled={reason !== null} aria-label={label} aria-describedby={reason ? id : undefined} onClick={onClick}>{children}</button>
      {reason && <span id={id} className="hidden">{reason}</span>}
    </span>
  );
}
