import { useState } from 'react';
import { useUser } from '../api/account';
import { useRead } from '../state/read';
import { Dialog } from '../ui/Dialog';
import { Skeleton } from '../ui/parts';
import { ChannelItem } from './ChannelItem';
import { NewChannel } from './NewChannel';

/** Where one is told what happens to one's stores. */
export function ChannelsDialog({ onClose }: { onClose: () => void }) {
  const [changes, setChanges] = useState(0);
  const { answer, error } = useRead('listChannels', '', `${useUser()} ${changes}`);
  const changed = () => setChanges((count) => count + 1);
  return (
    <Dialog title="Notifications" onClose={onClose}>
      <div className="channels">
        <p className="quiet">When something happens to your stores, a message is sent to the addresses below: your mailbox, a chat, a program of yours.</p>
        {error && <p className="wrong" role="alert">{error}</p>}
        {!answer && !error && <Skeleton lines={3} />}
        {answer && (
          <>
            <ul aria-label="Where you are told">
              {answer.channels.map((channel) => <ChannelItem key={channel.id} channel={channel} events={answer.events} onChange={changed} />)}
            </ul>
            {!answer.enabled ? <p>Notifications are not switched on in this installation. Ask those who run it.</p>
              : answer.channels.length >= answer.limit ? <p className="quiet">There are {answer.limit}, which is as many as one may have.</p>
                : <NewChannel events={answer.events} mailFrom={answer.mailFrom} onMade={changed} />}
          </>
        )}
      </div>
    </Dialog>
  );
}
