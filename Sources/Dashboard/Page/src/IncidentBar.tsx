import type { Incident } from './api/schema';
import { exactly } from './text/time';
import { Ago } from './ui/time';

/** Above each view, for everybody: what operators say of an incident. It stays there while there is none, so that a new one is read out. */
export function IncidentBar({ incident }: { incident: Incident | null }) {
  return (
    <div role="status" aria-label="Incident">
      {incident && (
        <p className={`notice-bar incident ${incident.level}`}>
          <strong>{incident.level === 'warning' ? 'Incident.' : 'Notice.'}</strong> {incident.text}{' '}
          <span>Since <Ago at={incident.since} />{incident.endsAt && <>, until {exactly(incident.endsAt)}</>}.</span>
        </p>
      )}
    </div>
  );
}
