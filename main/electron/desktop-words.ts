/**
 * What the desktop app itself says: menus, dialogs, tray. The pages have their own catalogue in
 * renderer/text.
 */

export const words = {
  appName: 'Fettle',
  menu: {
    file: 'File',
    newRun: 'New run',
    history: 'History',
    models: 'Models',
    learn: 'Learn',
    settings: 'Settings…',
    dataFolder: 'Show the data folder',
    edit: 'Edit',
    view: 'View',
    go: 'Go',
    window: 'Window',
    help: 'Help',
    quit: 'Quit Fettle',
    about: 'About Fettle',
    open: 'Open Fettle',
  },
  tray: {
    idle: 'Fettle',
    working: (percent: number) => `Fettle: ${percent}% done`,
  },
  close: {
    title: 'A job is still going on',
    message: (name: string) => `“${name}” is still going on. What should happen to it?`,
    more: (others: number) => `${others} more ${others === 1 ? 'job waits' : 'jobs wait'} after it.`,
    detail:
      'In the background it goes on without a window. Paused, it saves where it is and can be resumed at any time. ' +
      'Stopped, it ends now, and what was saved up to then stays in the history.',
    background: 'Keep running in the background',
    pause: 'Pause it and close',
    stop: 'Stop it and close',
    cancel: 'Cancel',
  },
  failure: {
    title: 'Fettle could not start',
    otherHint: 'Use that one, or close it first.',
    internal: (reference: string, file: string) =>
      `Something in Fettle went wrong (reference ${reference}).\nWhat happened stands in ${file}.`,
  },
  files: {
    data: 'Data',
    gguf: 'GGUF models',
    all: 'All files',
  },
} as const;
