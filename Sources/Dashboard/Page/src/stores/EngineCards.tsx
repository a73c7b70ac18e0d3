import type { Engine } from '../api/schema';
import { engines } from '../state/view';
import { engineNames } from '../text/names';
import { EngineIcon } from '../ui/icons';

const about: Record<Engine, string> = {
  woocommerce: 'WordPress with MySQL. Themes, plugins, an admin that many know.',
  medusa: 'Commerce with PostgreSQL and Redis, with a storefront; or with one of your own.',
};

export function EngineCards({ chosen, choose }: { chosen: Engine; choose: (engine: Engine) => void }) {
  return (
    <fieldset className="cards">
      <legend>Engine</legend>
      {engines.map((one) => (
        <label key={one} className="card">
          <input type="radio" name="engine" value={one} checked={chosen === one} onChange={() => choose(one)} />
          <EngineIcon engine={one} />
          <span>
            <strong>{engineNames[one]}</strong>
            <span className="quiet">{about[one]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
