// The tab's title: where one is, and before it what happened while nobody looked.
import { useEffect } from 'react';

let place = 'Store Weaver';
let news: string[] = [];

function show() {
  document.title = (news.length > 1 ? `(${news.length} ready) ` : news.length ? `✓ ${news[0]} is ready · ` : '') + place;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden || news.length === 0) return;
  news = [];
  show();
});

/** A store became ready: who looks at another tab sees it in this one's title, until they come back. */
export function tellReady(names: string[]) {
  if (!document.hidden) return;
  news = [...news, ...names];
  show();
}

export function useTitle(title: string) {
  useEffect(() => {
    place = title;
    show();
  }, [title]);
}
