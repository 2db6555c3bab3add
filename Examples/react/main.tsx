// SPDX-License-Identifier: MIT

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeCallbackAnswer } from './callbackAnswer';
import { LoginPage } from './LoginPage';
import { takeOutcome } from './outcome';
import { SettingsPage } from './SettingsPage';

// Addresses are read here and not in a component, because reading them changes them: a component may be rendered, and
// its effects run, more than once.
const root = document.getElementById('root')!;
const page = root.dataset.page === 'login'
  ? <LoginPage answer={takeCallbackAnswer()} />
  : <SettingsPage outcome={takeOutcome()} />;

createRoot(root).render(<StrictMode>{page}</StrictMode>);
