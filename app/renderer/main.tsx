import './base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { rememberFirst } from './greeting/greeted.ts';
import { tellEndings } from './notices/notices.ts';
import { connect } from './state/store.ts';

connect();
tellEndings();
rememberFirst();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
