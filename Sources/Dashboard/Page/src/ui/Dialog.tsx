// A window before the page. The browser's own <dialog> keeps the focus in it and gives it back.
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './parts';

export function Dialog({ title, onClose, children, footer, onSubmit }: { title: string; onClose: () => void; children: ReactNode; footer?: ReactNode; onSubmit?: () => void }) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  const wasTyped = useRef(false);
  useEffect(() => {
    const dialog = element.current;
    // What had the focus is remembered here: the browser's own memory ends when React takes the dialog away.
    const before = document.activeElement as HTMLElement | null;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog?.close();
      before?.focus?.();
      // It may be gone or disabled by what was done here: then the place itself takes the focus.
      if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={element} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      // A click beside it closes what was only looked at; what was typed goes by a button or Escape.
      onMouseDown={(event) => { if (event.target === element.current && !wasTyped.current) onClose(); }}
      onInput={() => { wasTyped.current = true; }}
    >
      <form noValidate onSubmit={(event) => { event.preventDefault(); onSubmit?.(); }}>
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {footer && <footer>{footer}</footer>}
      </form>
    </dialog>
  );
}
