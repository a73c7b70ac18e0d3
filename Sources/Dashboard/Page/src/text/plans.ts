// What plans give, in words, and what may be chosen. Pure.
import type { Engine, Plan, PlanName, Quota, Store } from '../api/schema';
import { parseQuantity, size } from './quantity';

export const planNames: Record<PlanName, string> = { small: 'Small', medium: 'Medium', large: 'Large' };

/** `512Mi` is 512 MiB, and `1536Mi` is 1.5 GiB. */
export const bytes = (quantity: string) => size(parseQuantity(quantity));

/** A line for each thing that a plan gives a store of this engine. */
export function gives(plan: Plan, engine: Engine): string[] {
  const given = plan.engines.find((one) => one.engine === engine);
  if (!given) return [];
  return [`${parseQuantity(given.cpu)} CPU`, `${bytes(given.memory)} memory`, `${bytes(given.databaseMemory)} for the database`, ...kept(plan)];
}

/** `7d,4w,6m` is backups of 7 days, 4 weeks and 6 months. */
function kept({ backupKeep }: Plan): string[] {
  if (!backupKeep) return [];
  const names: Record<string, string> = { d: 'day', w: 'week', m: 'month' };
  const spans = backupKeep.split(',').map((part) => {
    const [number, name] = [parseInt(part, 10), names[part.slice(-1)]];
    return `${number} ${name}${number === 1 ? '' : 's'}`;
  });
  const last = spans.pop();
  return [`backups of ${spans.length > 0 ? `${spans.join(', ')} and ` : ''}${last}`];
}

export const units = (number: number) => `${number} ${number === 1 ? 'unit' : 'units'}`;

/** Why a plan cannot be had; null: it can. `now`: the store that would change, whose units come free. */
export function planProblem(plan: Plan, plans: Plan[], quota: Quota | null, now?: Store): string | null {
  if (!quota) return null;
  const weight = now?.asleep ? 0.5 : 1;
  const counted = plans.find((one) => one.name === now?.plan)?.units ?? 0;
  const left = Math.max(0, quota.limit - quota.used);
  return (plan.units - counted) * weight > left ? `${units(left)} left` : null;
}

/** A volume's size in GiB. */
export const gibibytes = (size: string) => parseQuantity(size) / 2 ** 30;
