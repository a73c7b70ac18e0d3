// The small parts that everything is made of.
import { useEffect, useId, useRef, useState, type ReactNode, type KeyboardEvent as Key } from 'react';
import { toast } from '../state/toasts';
import { Icon, type IconName } from './icons';

/** A button that shows an icon alone; `label` is its name and its tooltip. */
export function IconButton({ icon, label, onClick, danger, disabled }: { icon: IconName; label: string; onClick: () => void; danger?: boolean; disabled?: boolean }) {
  return (
    <button type="button" className={`icon-button ${danger ? 'danger' : ''}`} aria-label={label} title={label} onClick={onClick} disabled={disabled}>
      <Icon name={icon} />
    </button>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1_500);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () =>
    copyText(text).then(
      () => setDone(true),
      () => toast('bad', 'The browser does not let this page copy; select the text and copy it by hand.'),
    );
  return (
    <button type="button" className="quiet small" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      <Icon name={isDone ? 'check' : 'copy'} />
      {isDone ? 'Copied' : 'Copy'}
    </button>
  );
}

/** The clipboard is there over https and on localhost alone; elsewhere the old way. */
async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('not allowed');
}

/** A share of a whole. It warns by how full it is, unless being full is as it should be. */
export function Bar({ label, value, limit, text, mayBeFull = false }: { label: string; value: number; limit: number; text: string; mayBeFull?: boolean }) {
  const share = limit > 0 ? Math.min(1, value / limit) : 0;
  const tone = mayBeFull ? '' : share >= 1 ? 'full' : share >= 0.8 ? 'high' : '';
  return (
    <div className="bar">
      <span>{label}</span>
      <span className="numbers">{text}</span>
      <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(value, limit)} aria-valuetext={text} className={tone}>
        <div style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

export interface TabItem<Name extends string> {
  name: Name;
  label: string;
  count?: number;
}

/** Tabs by WAI-ARIA: one stop of the tab key, arrows within. */
export function Tabs<Name extends string>({ items, chosen, choose, label, children }: { items: TabItem<Name>[]; chosen: Name; choose: (name: Name) => void; label: string; children: ReactNode }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  // On a phone the list is wider than the screen.
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  function move(event: Key) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -items.length, End: items.length }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items.findIndex((item) => item.name === chosen) + step;
    const next = Math.abs(step) > 1 ? Math.max(0, Math.min(items.length - 1, at)) : (at + items.length) % items.length;
    choose(items[next]!.name);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  }
  return (
    <>
      <div role="tablist" aria-label={label} className="tabs" ref={list} onKeyDown={move}>
        {items.map((item) => (
          <button
            key={item.name} type="button" role="tab" id={`${id}-${item.name}`} aria-controls={`${id}-panel`}
            aria-selected={item.name === chosen} tabIndex={item.name === chosen ? 0 : -1} onClick={() => choose(item.name)}
          >
            {item.label}
            {item.count ? <span className="count">{item.count}</span> : null}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} className="tab-panel" tabIndex={0}>
        {children}
      </div>
    </>
  );
}

export function Empty({ title, children, icon = 'store' }: { title: string; children?: ReactNode; icon?: IconName }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Grey lines where something will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">Loading…</span>
      {Array.from({ length: lines }, (_, index) => <i key={index} />)}
    </div>
  );
}
