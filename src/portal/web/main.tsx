import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './preferences.ts';
import { startRouter } from './router.ts';

applyTheme();
startRouter();
const root = document.getElementById('page');
if (root !== null) render(<App />, root);
