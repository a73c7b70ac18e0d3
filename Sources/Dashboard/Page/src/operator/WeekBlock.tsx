import { call } from '../api/client';
import { usePolled } from '../state/poll';
import { totals, week } from '../text/hours';
import { exactly } from '../text/time';
import { Block } from '../ui/Block';
import { useNow } from '../ui/time';

const HEIGHT = 96;

/** What became of jobs in the last seven days, by the hour, as the server keeps it. */
export function WeekBlock({ token }: { token: string }) {
  const now = useNow(10);
  const { data, error } = usePolled((signal) => call('listQueueHours', { signal }), token, 60_000);
  if (!data) return error ? <p className="wrong">{error}</p> : null;
  const hours = week(data.hours, now);
  const { succeeded, failed, cancelled } = totals(hours);
  const most = Math.max(4, ...hours.map((hour) => (hour ? hour.succeeded + hour.failed : 0)));
  const y = (count: number) => (count / most) * (HEIGHT - 4);
  return (
    <Block title="Last seven days" className="whole">
      {data.hours.length === 0 ? <p className="quiet">No worker has counted yet.</p> : (
        <figure className="depth week">
          <svg viewBox={`0 0 ${hours.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Jobs by the hour: ${succeeded} succeeded and ${failed} failed for good in seven days, ${most} in an hour at most`}>
            {hours.map((hour, index) => hour && (
              <g key={hour.at}>
                <rect className="ended" x={index} width=".9" y={HEIGHT - y(hour.succeeded)} height={y(hour.succeeded)} />
                <rect className="failed" x={index} width=".9" y={HEIGHT - y(hour.succeeded + hour.failed)} height={y(hour.failed)} />
                <rect className="all" x={index} width="1" y="0" height={HEIGHT}>
                  <title>{`${exactly(hour.at)}: ${hour.succeeded} succeeded, ${hour.failed} failed, ${hour.cancelled} cancelled; ${hour.mostQueued} waited and ${hour.mostRunning} ran at most`}</title>
                </rect>
              </g>
            ))}
          </svg>
          <figcaption className="quiet numbers">
            <span>7 days ago</span>
            <span className="legend"><i className="ended" />{succeeded} succeeded <i className="failed" />{failed} failed for good, {cancelled} cancelled</span>
            <span>now</span>
          </figcaption>
        </figure>
      )}
    </Block>
  );
}
