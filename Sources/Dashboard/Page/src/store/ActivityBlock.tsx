import type { Detail } from '../state/detail';
import { go } from '../state/url';
import { Block } from '../ui/Block';
import { ActivityList } from './ActivityList';

const SHOWN = 6;

export function ActivityBlock({ store }: { store: Detail }) {
  return (
    <Block title="Activity" className="whole" actions={<button type="button" className="quiet small" onClick={() => go({ tab: 'history' })}>The whole history</button>}>
      <ActivityList store={store} most={SHOWN} />
    </Block>
  );
}
