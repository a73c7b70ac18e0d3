import type { Engine, Plan, PlanName, Quota, Store } from '../api/schema';
import { gives, planNames, planProblem, units } from '../text/plans';

interface Props {
  plans: Plan[];
  engine: Engine;
  chosen: PlanName | undefined;
  choose: (plan: PlanName) => void;
  /** The owner's units; null: they are not limited, or not known. */
  quota: Quota | null;
  /** The store that would change. */
  store?: Store;
}

/** The plans with what each gives and counts; nothing where none is known. */
export function PlanCards({ plans, engine, chosen, choose, quota, store }: Props) {
  if (plans.length === 0) return null;
  return (
    <fieldset className="cards plans">
      <legend>Plan {quota && <span className="quiet numbers">{quota.used} of {units(quota.limit)} used</span>}</legend>
      {plans.map((plan) => {
        const problem = planProblem(plan, plans, quota, store);
        return (
          <label key={plan.name} className={`card ${problem ? 'out' : ''}`}>
            <input type="radio" name="plan" value={plan.name} checked={chosen === plan.name} disabled={Boolean(problem)} onChange={() => choose(plan.name)} />
            <span>
              <strong>{planNames[plan.name]}{store?.plan === plan.name && <span className="quiet"> now</span>}</strong>
              {gives(plan, engine).map((line) => <span key={line} className="quiet numbers">{line}</span>)}
              <span className="numbers cost">{units(plan.units)}{problem && <span className="wrong">, {problem}</span>}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
