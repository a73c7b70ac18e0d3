// Line icons on a grid of 16, in the colour of the text beside them. They are decoration: words stand beside or in labels.
const paths = {
  plus: 'M8 3v10M3 8h10',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14',
  close: 'm4 4 8 8M12 4l-8 8',
  retry: 'M13 8a5 5 0 1 1-1.5-3.6L13 6M13 2.5V6H9.5',
  trash: 'M2.5 4.5h11M6 4.5V3h4v1.5M4 4.5l.6 8.5h6.8l.6-8.5M6.6 7v3.5M9.4 7v3.5',
  open: 'M9 3h4v4M13 3 7.5 8.5M11.5 9.5V13H3V4.5h3.5',
  check: 'm3.5 8.5 3 3 6-7',
  alert: 'M8 2 1.8 13.2h12.4L8 2ZM8 6.5v3M8 11.4v.1',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.600A2.800 2.800 0 0 0 8 8ZM2.800 13.600c.6-2.500 2.600-3.800 5.200-3.800s4.600 1.300 5.200 3.800',
  sun: 'M8 10.8a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600ZM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9',
  moon: 'M13.200 9.600A5.600 5.600 0 0 1 6.400 2.800a5.600 5.600 0 1 0 6.800 6.800Z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.300 6.400c.2-1 .9-1.500 1.800-1.500 1 0 1.700.6 1.700 1.500 0 1.300-1.800 1.300-1.800 2.600M8 11.200v.1',
  left: 'M10 3.500 5.500 8l4.500 4.500',
  right: 'M6 3.500 10.500 8 6 12.500',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  play: 'M5 3.200 12.500 8 5 12.800z',
  heart: 'M1.500 8.500h3l1.500-4 3 7 1.700-3h3.800',
  store: 'M2.500 6.500 3.500 3h9l1 3.500M2.500 6.500a1.800 1.800 0 0 0 3.600 0 1.800 1.800 0 0 0 3.700 0 1.800 1.800 0 0 0 3.700 0M3.500 8.200V13h9V8.200M6.500 13v-2.800h3V13',
  gauge: 'M2.500 11.500a5.800 5.800 0 1 1 11 0M8 10.500l2.600-3.600',
  archive: 'M2 3h12v3H2zM3 6v7h10V6M6.500 8.500h3',
  edit: 'M3 13h2.5L13 5.5 10.5 3 3 10.5zM9 4.5 11.5 7',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The engines' marks: a bag and a hexagon, in their own colours. */
export function EngineIcon({ engine }: { engine: 'woocommerce' | 'medusa' }) {
  return (
    <svg className={`engine ${engine}`} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" />
      <path d={engine === 'woocommerce' ? 'M7.500 9h9l.8 9H6.700zM9.500 11V8.500a2.500 2.500 0 0 1 5 0V11' : 'm12 5.500 5.800 3.250v6.500L12 18.500l-5.800-3.250v-6.500zM12 9.600l2.200 1.200v2.400L12 14.400l-2.200-1.200v-2.400z'} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" />
      <path d="M4 5.500h8M4 8h8M4 10.500h8M6 4v8M10 4v8" />
    </svg>
  );
}
