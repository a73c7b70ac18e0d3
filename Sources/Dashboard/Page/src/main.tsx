import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { account } from './api/account';
import { App } from './App';
import { applyTheme } from './state/theme';
import { Boundary } from './ui/Boundary';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/list.css';
import './style/store.css';
import './style/operator.css';
import './style/account.css';
import './style/channels.css';
import './style/backups.css';
import './style/domains.css';
import './style/forced.css';

applyTheme();
void account.begin();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Boundary>
      <App />
    </Boundary>
  </StrictMode>,
);
