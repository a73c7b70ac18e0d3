import type { Detail } from '../state/detail';
import { Block } from '../ui/Block';
import { CopyButton } from '../ui/parts';
import { Credentials } from './Credentials';

/** Where visitors and the owner go in. */
export function OpeningBlock({ store, mayOwn }: { store: Detail; mayOwn: boolean }) {
  const address = (name: string, url: string, what: string) => (
    <div>
      <dt>{name}</dt>
      <dd><a href={url} target="_blank" rel="noopener noreferrer">{url}</a><CopyButton text={url} what={what} /></dd>
    </div>
  );
  return (
    <Block title="Addresses">
      <dl className="addresses">
        {address('Store', store.url!, 'the storefront’s address')}
        {store.adminUrl && address('Admin', store.adminUrl, 'the admin’s address')}
      </dl>
      {mayOwn && <Credentials store={store} />}
    </Block>
  );
}
