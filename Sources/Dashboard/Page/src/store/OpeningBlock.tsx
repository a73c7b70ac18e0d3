import { useState } from 'react';
import type { Detail } from '../state/detail';
import { storeSlug } from '../text/names';
import { Block } from '../ui/Block';
import { CopyButton } from '../ui/parts';
import { QRDialog } from '../ui/QRDialog';
import { Credentials } from './Credentials';

/** Where visitors and the owner go in. */
export function OpeningBlock({ store, mayOwn }: { store: Detail; mayOwn: boolean }) {
  const [isShown, show] = useState(false);
  const address = (name: string, url: string, what: string) => (
    <div>
      <dt>{name}</dt>
      <dd><a href={url} target="_blank" rel="noopener noreferrer">{url}</a><CopyButton text={url} what={what} /></dd>
    </div>
  );
  return (
    <Block title="Addresses" actions={<button type="button" className="quiet small" onClick={() => show(true)}>QR code</button>}>
      <dl className="addresses">
        {address('Store', store.url!, 'the storefront’s address')}
        {store.adminUrl && address('Admin', store.adminUrl, 'the admin’s address')}
      </dl>
      {mayOwn && <Credentials store={store} />}
      {isShown && <QRDialog text={store.url!} name={storeSlug(store)} onClose={() => show(false)} />}
    </Block>
  );
}
