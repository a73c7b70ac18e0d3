import { Dialog } from './ui/Dialog';

const keys: [string, string][] = [
  ['n', 'New store'],
  ['/', 'Search'],
  ['Ctrl K', 'Go to a store or an action (⌘K on a Mac)'],
  ['j  k', 'Next and previous store'],
  ['Enter', 'Open the store’s page'],
  ['x', 'Select the store'],
  ['r', 'Retry the store, if it failed; never one that is lost'],
  ['Esc', 'Close a window, or go back to the list'],
  ['g', 'Between stores and operator’s page'],
  ['?', 'This help'],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Help" onClose={onClose}>
      <h3>Keys</h3>
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>{key.split('  ').map((one) => <kbd key={one}>{one}</kbd>)}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>What happens to a store</h3>
      <p>
        A store is <strong>provisioning</strong> through five steps until it is <strong>ready</strong>: its pods run and its store answers.
        When that cannot be, it is <strong>failed</strong> with the cause and a suggested fix; a retry goes on from what is there.
      </p>
      <p>
        Where backups are kept, each store is backed up every night and before changes that may lose data; a deleted store can be brought back
        for some days.
      </p>
      <p>Changes reach this page as they happen. The address holds what you see: share it, or go back.</p>
      <p><a href="/openapi.yaml">The API’s document</a></p>
    </Dialog>
  );
}
