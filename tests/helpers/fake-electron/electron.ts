/**
 * A stand-in for the module `electron` in the main process, for machines where its binary cannot be had. It keeps Electron's rules of
 * order (it throws where Electron throws), records what it is asked to do, and does for real what can be done without a window.
 */
export { app } from './app.ts';
export { utilityProcess } from './engine.ts';
export { ipcMain } from './messages.ts';
export { protocol, session } from './session.ts';
export {
  dialog,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  shell,
  Tray,
} from './system.ts';
export { BrowserWindow, screen } from './windows.ts';
