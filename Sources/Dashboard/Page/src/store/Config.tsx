import type { Detail } from '../state/detail';
import { CopyButton, Empty } from '../ui/parts';

export function Config({ store }: { store: Detail }) {
  if (!store.configYaml) return <Empty title="Not installed yet"><p>The release’s manifest stands here once Helm has installed it.</p></Empty>;
  return (
    <>
      <div className="above">
        <p className="quiet">The release as Helm installed it; secrets are taken out.</p>
        <CopyButton text={store.configYaml} what="the manifest" />
      </div>
      <pre className="code" tabIndex={0} aria-label="Manifest">{store.configYaml}</pre>
    </>
  );
}
