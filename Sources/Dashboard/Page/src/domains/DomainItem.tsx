import { useState } from 'react';
import { messageOf } from '../api/client';
import type { Domain } from '../api/schema';
import type { Detail } from '../state/detail';
import { checkDomain, choosePrimary, removeDomain } from '../state/domains';
import { toast } from '../state/toasts';
import { domainStates, isUnderWay, primaryProblem, removeProblem, stepsOf } from '../text/domains';
import { exactly } from '../text/time';
import { CopyButton } from '../ui/parts';
import { Icon, type IconName } from '../ui/icons';
import { ReasonedButton } from '../ui/ReasonedButton';
import { Ago } from '../ui/time';

const icons: Record<Domain['state'], IconName> = { pending: 'clock', verified: 'clock', active: 'check', failing: 'alert' };
const classes = { pending: 'current', verified: 'current', active: 'done', failing: 'failed' };

export function DomainItem({ domain, store, mayChange }: { domain: Domain; store: Detail; mayChange: boolean }) {
  const [isAsking, setAsking] = useState(false);
  const of = <span className="hidden"> {domain.displayName}</span>;
  async function ask(work: () => Promise<void>) {
    setAsking(true);
    try {
      await work();
    } catch (refusal) {
      toast('bad', `${domain.displayName}: ${messageOf(refusal)}`);
    }
    setAsking(false);
  }
  const waits = isUnderWay(domain);
  return (
    <li className={classes[domain.state]}>
      <Icon name={icons[domain.state]} />
      <div>
        <p>
          <strong>{domain.displayName}</strong> · {domainStates[domain.state]}{domain.primary && ' · the store’s address'}
          {domain.displayName !== domain.host && <span className="quiet"> · <code>{domain.host}</code></span>}
        </p>
        {waits && <DomainGuide domain={domain} />}
        {domain.error && <p className={domain.state === 'failing' ? 'wrong' : 'quiet'}>{domain.error}</p>}
        {domain.takesOverAt && <p className="quiet">It becomes this store’s at <time dateTime={domain.takesOverAt}>{exactly(domain.takesOverAt)}</time>, if the TXT record stays.</p>}
        {domain.failingSince && domain.state === 'active' && <p className="wrong">It has not led here since {exactly(domain.failingSince)}. After two weeks the store is no longer served there.</p>}
        <p className="quiet numbers">
          {domain.checkedAt ? <>Looked at <Ago at={domain.checkedAt} /></> : 'Not looked at yet'}
          {domain.certificateUntil && <> · certificate until {exactly(domain.certificateUntil)}</>}
        </p>
        {mayChange && (
          <p className="buttons">
            {waits && <button type="button" className="small" disabled={isAsking} onClick={() => void ask(() => checkDomain(store, domain))}>Check now{of}</button>}
            {!domain.primary && <ReasonedButton reason={primaryProblem(domain)} className="small" onClick={() => void ask(() => choosePrimary(store, domain.host))}>Make it the store’s address{of}</ReasonedButton>}
            <ReasonedButton reason={removeProblem(domain)} className="quiet small danger" onClick={() => void ask(() => removeDomain(store, domain))}>Remove{of}</ReasonedButton>
          </p>
        )}
      </div>
    </li>
  );
}

/** What is left to do, with what to copy. */
function DomainGuide({ domain }: { domain: Domain }) {
  return (
    <>
      <ul className="guide" aria-label={`Steps for ${domain.displayName}`}>
        {stepsOf(domain).map((step) => (
          <li key={step.label} className={step.isDone ? 'done' : ''}><Icon name={step.isDone ? 'check' : 'clock'} />{step.label}<span className="hidden">{step.isDone ? ': done' : ': not yet'}</span></li>
        ))}
      </ul>
      <p>Set these records where your domain’s DNS is managed. It can take an hour until they are seen everywhere.</p>
      <table className="records">
        <thead><tr><th scope="col">Type</th><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
        <tbody>
          {domain.records.map((record) => (
            <tr key={record.type}>
              <th scope="row">{record.type}</th>
              <td><code>{record.name}</code><CopyButton text={record.name} what={`the name of the ${record.type} record`} /></td>
              <td><code>{record.value}</code><CopyButton text={record.value} what={`the value of the ${record.type} record`} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet">A domain without anything before it, as example.com, often cannot have a CNAME record: use what your provider calls ALIAS, ANAME or CNAME flattening.</p>
    </>
  );
}
