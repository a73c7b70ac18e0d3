// What the cluster said when an attempt failed, as lines to read. Pure.

export interface Section {
  title: string;
  lines: string[];
}

const titles = [['pods', 'Pods'], ['workloads', 'Workloads'], ['volumes', 'Volumes'], ['namespace', 'What holds the namespace'], ['warnings', 'Warnings'], ['log', 'Last lines of its log']] as const;

/** Only of what there is something to say. */
export function sections(evidence: Record<string, unknown>): Section[] {
  return titles.map(([key, title]) => ({ title, lines: linesOf(evidence[key]) })).filter(({ lines }) => lines.length > 0);
}

export const plainText = (all: Section[]) => all.map(({ title, lines }) => `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`).join('\n');

function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => (typeof one === 'string' ? [one] : podLines(one)));
  return isRecord(value) ? Object.entries(value).map(([name, phase]) => `${name}: ${String(phase)}`) : [];
}

function podLines(pod: unknown): string[] {
  if (!isRecord(pod)) return [];
  const texts = (key: string) => (Array.isArray(pod[key]) ? pod[key] as unknown[] : []).map(String);
  const state = [pod['phase'], pod['reason']].filter((one) => typeof one === 'string').join(', ');
  return [`${String(pod['name'])}${state && `: ${state}`}`, ...[...texts('conditions'), ...texts('containers')].map((line) => `  ${line}`)];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
