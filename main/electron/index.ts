/**
 * The desktop app's entry. Electron waits for this file to be evaluated before it is ready, so nothing here may wait for that:
 * what must be said before comes first, and the rest follows when it is.
 */
import { app } from 'electron';
import { failToStart, logStrayErrors } from './failure.ts';
import { guardContents } from './guards.ts';
import { openApp } from './open.ts';
import { useProfile } from './profile.ts';
import { registerScheme } from './protocol.ts';

logStrayErrors();
useProfile();
registerScheme();
app.enableSandbox();
guardContents();
// a second start shows the window of the first one
if (app.requestSingleInstanceLock()) app.whenReady().then(openApp).catch(failToStart);
else app.quit();
