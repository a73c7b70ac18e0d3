import type { Shown } from '../state/filter';
import { go } from '../state/url';
import { sizes } from '../state/view';
import { IconButton } from '../ui/parts';

export function Pager({ shown, size, isFiltered }: { shown: Shown; size: number; isFiltered: boolean }) {
  const { matching, page, pages, rows } = shown;
  const first = (page - 1) * size + 1;
  if (matching.length <= sizes[0]) return null;
  return (
    <nav className="pager" aria-label="Pages">
      <label>
        <span className="quiet">Rows</span>
        <select value={size} onChange={(event) => go({ size: Number(event.target.value), page: 1 })}>
          {sizes.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
      </label>
      <span className="quiet numbers">{first}–{first + rows.length - 1} of {matching.length}{isFiltered ? ' that match' : ''}</span>
      <span className="spring" />
      <IconButton icon="left" label="Previous page" disabled={page <= 1} onClick={() => go({ page: page - 1 })} />
      <span className="numbers">Page {page} of {pages}</span>
      <IconButton icon="right" label="Next page" disabled={page >= pages} onClick={() => go({ page: page + 1 })} />
    </nav>
  );
}
