import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { applyTheme } from './state/theme';
import { Boundary } from './ui/Boundary';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/list.css';
import './style/panel.css';
import './style/operator.css';

applyTheme();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Boundary>
      <App />
    </Boundary>
  </StrictMode>,
);
