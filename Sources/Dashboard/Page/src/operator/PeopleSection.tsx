import { useState } from 'react';
import { call } from '../api/client';
import { usePolled } from '../state/poll';
import { Block } from '../ui/Block';
import { Skeleton } from '../ui/parts';
import { InviteForm } from './InviteForm';
import { PersonRow } from './PersonRow';

/** The accounts, for admins. */
export function PeopleSection({ token }: { token: string }) {
  const { data, error, refused, refresh } = usePolled((signal) => call('listAccounts', { signal }), token);
  const [query, setQuery] = useState('');
  if (refused) return <p className="quiet">{refused}.</p>;
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  const found = data.accounts.filter((one) => one.email.includes(query.trim().toLowerCase()));
  return (
    <div className="cards-grid">
      <Block title="People" className="whole" actions={
        <label>
          <span className="hidden">Search by e-mail</span>
          <input type="search" placeholder="Search by e-mail" value={query} onChange={(event) => setQuery(event.target.value)} />
        </label>
      }>
        {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
        <div className="scroll" tabIndex={0} role="group" aria-label="Accounts">
          <table className="plain">
            <thead><tr><th scope="col">E-mail</th><th scope="col">Role</th><th scope="col">Stores</th><th scope="col">Quota</th><th scope="col">Since</th><th><span className="hidden">Actions</span></th></tr></thead>
            <tbody>{found.slice(0, 100).map((one) => <PersonRow key={one.id} person={one} refresh={refresh} />)}</tbody>
          </table>
        </div>
        <p className="quiet small-text">{found.length > 100 ? `The first 100 of ${found.length}; search to see others.` : `${found.length} of ${data.accounts.length}`}</p>
      </Block>
      <InviteForm />
    </div>
  );
}
