// Light or dark: the system's choice, unless a person made one.
import { useState } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = typeof themes[number];

const stored = (): Theme => themes.find((theme) => theme === localStorage.getItem('theme')) ?? 'system';

export function applyTheme(theme: Theme = stored()) {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState(stored);
  return [
    theme,
    (next) => {
      localStorage.setItem('theme', next);
      applyTheme(next);
      set(next);
    },
  ];
}
