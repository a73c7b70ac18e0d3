import { lazy, type ComponentType } from 'react';
import { Empty } from './parts';

/** A part of the page that is loaded when it is first shown, below a `Suspense`. `preload` fetches it before. */
export function later<Props>(load: () => Promise<ComponentType<Props>>) {
  const part = lazy(() => load().then((it) => ({ default: it }), () => ({ default: NotLoaded as ComponentType<Props> })));
  return Object.assign(part, { preload: () => void load().catch(() => undefined) });
}

function NotLoaded() {
  return (
    <Empty title="This part of the page could not be loaded" icon="alert">
      <p>You are offline, or a newer version of the page is there.</p>
      <button type="button" className="primary" onClick={() => location.reload()}>Reload</button>
    </Empty>
  );
}
