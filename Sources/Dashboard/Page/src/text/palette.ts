// What the palette finds. Pure.

export interface Found {
  key: string;
  /** What it does, or the store's name. */
  title: string;
  /** What tells it from others of that title. */
  about: string;
}

/** Those that have all words, titles that begin with the query first; `most` of them. */
export function search<Item extends Found>(items: Item[], query: string, most: number): Item[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const found = items.filter((item) => words.every((word) => `${item.title} ${item.about}`.toLowerCase().includes(word)));
  const begins = (item: Item) => wanted !== '' && item.title.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((item) => !begins(item))].slice(0, most);
}
