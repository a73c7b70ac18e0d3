// The plans and versions that the workers report, read when something shows them.
import type { Answers, Version } from '../api/schema';
import { useRead } from './read';

const none: Answers['listPlans'] = { plans: [], engines: [] };
const noVersions: Version[] = [];

/** Empty until they are read, and where no worker is there: then a store has its engine's default. */
export const usePlans = () => useRead('listPlans').answer ?? none;

/** Empty until they are read, and where no worker is there. */
export const useVersions = () => useRead('listVersions').answer?.versions ?? noVersions;
