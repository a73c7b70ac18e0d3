// How far a store's own domain is, as steps that its owner can follow. Pure.
import type { Domain } from '../api/schema';

export const domainStates: Record<Domain['state'], string> = {
  pending: 'Not proved yet', verified: 'Proved', active: 'Active', failing: 'Not reachable',
};

export interface DomainStep {
  label: string;
  isDone: boolean;
}

/** In their order: the first that is not done is the one that is waited for. */
export function stepsOf(domain: Domain): DomainStep[] {
  const isProved = domain.state !== 'pending';
  const leadsHere = domain.state === 'active' && domain.failingSince === null;
  const steps = [
    { label: 'It is yours: the TXT record is found', isDone: isProved },
    { label: 'It leads here: the CNAME record is found', isDone: leadsHere },
    { label: 'The store is served there', isDone: leadsHere && domain.served },
  ];
  return steps;
}

/** Why it cannot be made the store's address now; null: it can. */
export const primaryProblem = (domain: Domain) => (domain.state === 'active' ? null : 'Only a domain that is active can be the store’s address');

/** Why it cannot be removed now; null: it can. */
export const removeProblem = (domain: Domain) => (domain.primary ? 'It is the store’s address: choose another one first' : null);

/** Whether somebody waits for what is seen next. */
export const isUnderWay = (domain: Domain) => stepsOf(domain).some((step) => !step.isDone);

/** The host alone, of what may have been copied from a browser's address bar. */
export const hostIn = (text: string) => text.trim().replace(/^https?:\/\//i, '').replace(/\/.*$/, '');
