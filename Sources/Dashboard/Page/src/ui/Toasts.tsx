import { dismiss, useToasts } from '../state/toasts';
import { Icon } from './icons';
import { IconButton } from './parts';

export function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" role="region" aria-label="Messages">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast ${toast.kind}`} role={toast.kind === 'bad' ? 'alert' : 'status'}>
          <Icon name={toast.kind === 'bad' ? 'alert' : 'check'} />
          <div>
            <p>{toast.text}</p>
            {toast.details && <ul>{toast.details.map((line) => <li key={line}>{line}</li>)}</ul>}
          </div>
          <IconButton icon="close" label="Close this message" onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
