// One store at an address of its own: /stores/<slug>.
import { useStoreId } from '../state/bySlug';
import type { StoreList } from '../state/list';
import { useTitle } from '../state/title';
import { goToList } from '../state/url';
import type { Tab } from '../state/view';
import { Empty, Skeleton } from '../ui/parts';
import { BackToList } from './StoreHead';
import { StoreView } from './StoreView';

export function StorePage({ slug, tab, list }: { slug: string; tab: Tab; list: StoreList }) {
  const { id, isMissing, error } = useStoreId(slug, list.stores);
  return id ? <StoreView key={id} id={id} slug={slug} tab={tab} list={list} /> : <Unknown slug={slug} isMissing={isMissing} error={error} />;
}

/** Before it is known which store that is, or where there is none. */
function Unknown({ slug, isMissing, error }: { slug: string; isMissing: boolean; error: string | null }) {
  useTitle(`${slug} · Store Weaver`);
  return (
    <div className="store-page">
      <BackToList />
      <h1>{slug}</h1>
      {isMissing ? (
        <Empty title="This store is not there" icon="store">
          <p>It was deleted, or it belongs to somebody else.</p>
          <button type="button" onClick={goToList}>All stores</button>
        </Empty>
      ) : error ? <Empty title="The store could not be read" icon="alert"><p>{error}</p></Empty> : <Skeleton lines={8} />}
    </div>
  );
}
