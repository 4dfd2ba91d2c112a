/**
 * Words that belong to no page: what components say, what is said when something fails, and the frame of rail, job strip, command palette,
 * banners and the dialog for picking a path.
 */
import type { Job, JobKind, JobState } from '../../../common/api/contract.ts';
import { bytes, number, plural, timeOfDay } from '../../../common/words/format.ts';

export const common = {
  app: 'Fettle',
  progressTitle: (percent: string, name: string) => `${percent} – ${name} – Fettle`,
  close: 'Close',
  cancel: 'Cancel',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  details: 'Details',
  copyDetails: 'Copy details',
  retry: 'Try again',
  open: 'Open',
  save: 'Save',
  loading: 'Loading',
  terms: 'Terms on this page',
  wantNumber: (min: number | undefined, max: number | undefined) => {
    if (min !== undefined && max !== undefined)
      return `Enter a number from ${trimmed(min)} to ${trimmed(max)}.`;
    if (min !== undefined) return `Enter a number of at least ${trimmed(min)}.`;
    if (max !== undefined) return `Enter a number of at most ${trimmed(max)}.`;
    return 'Enter a number.';
  },
  choose: 'Choose',
  meter: (part: string, whole: string) => `${part} of ${whole}`,
  connectionLost: {
    message: "Fettle can't be reached.",
    hint: 'Check that it is still running. This page reconnects automatically.',
  },
  unexpectedHint: 'Try again. If it happens again, copy the details and report them.',
  upload: {
    choose: 'Choose files',
    browseRemote: "Browse Fettle's computer",
    busy: (name: string) => `Reading ${name}`,
  },
  plot: {
    table: 'Show table',
    chart: 'Show plot',
    png: 'Download PNG',
    csv: 'Download CSV',
    options: (title: string) => `Plot options: ${title}`,
    empty: 'Nothing to show yet.',
    smoothed: (label: string) => `${label}, smoothed`,
    described: (title: string, points: number) => `${title}: plot of ${plural(points, 'point')}`,
  },
} as const;

function trimmed(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}

const KINDS: Readonly<Record<JobKind, string>> = {
  train: 'Training',
  assess: 'Comparison',
  export: 'Export',
};

export const frame = {
  skip: 'Skip to content',
  navigation: 'Main',
  pages: {
    new: 'New run',
    history: 'History',
    chat: 'Chat',
    models: 'Models',
    learn: 'Learn',
    settings: 'Settings',
    help: 'Help',
    news: "What's new",
  },
  search: 'Search',
  machine: {
    title: 'Computer at a glance',
    unknown: 'Looking at this computer',
    threads: (n: number) => plural(n, 'thread'),
    free: (free: number, total: number) => `${bytes(free)} of ${bytes(total)} free`,
    memory: 'Memory in use',
    idle: 'Nothing is running',
  },
  notFound: {
    title: 'Page not found',
    about: 'The address may be old or mistyped.',
    action: 'Open the history',
  },
  loadingPage: 'Opening the page',
  loadFailed: 'This page could not be opened',
  dismiss: 'OK',
  connection: {
    connecting: 'Connecting to Fettle',
    lost: 'Connection lost. Trainings continue. Reconnecting automatically.',
    none: 'Not connected',
    expired: 'This link has expired. Press Enter in the terminal for a new one.',
  },
  jobs: {
    strip: 'Current job',
    kindOf: ({ kind, isBlend }: Pick<Job, 'kind' | 'isBlend'>) => (isBlend ? 'Blend' : KINDS[kind]),
    states: {
      waiting: 'waiting',
      scheduled: 'scheduled',
      starting: 'starting',
      running: 'running',
      pausing: 'saving, then pausing',
      paused: 'paused',
      stopping: 'stopping',
      done: 'done',
      failed: 'failed',
    } satisfies Record<JobState, string>,
    scheduledFor: (when: string) => `starts at ${timeOfDay(when)}`,
    step: (step: number, steps: number | null) =>
      steps === null ? `step ${number(step)}` : `step ${number(step)} of ${number(steps)}`,
    pause: 'Pause',
    resume: 'Resume',
    skip: 'Skip this',
    cancelled: (name: string) => `“${name}” cancelled. What it saved stays.`,
    more: (n: number) => `${number(n)} waiting`,
    queue: 'Waiting jobs',
    queueAbout: 'One job runs at a time, in this order. Copies are saved first, or beside it.',
    queueEmpty: 'No jobs waiting.',
    up: (name: string) => `Move up: ${name}`,
    down: (name: string) => `Move down: ${name}`,
    startAt: (name: string) => `Start time of ${name}`,
    remove: (name: string) => `Remove from the queue: ${name}`,
    done: (kind: string, name: string) => `${kind} of “${name}” is done`,
    failed: (kind: string, name: string) => `${kind} of “${name}” failed`,
  },
  palette: {
    title: 'Search',
    placeholder: 'Page, run, model or action',
    nothing: 'Nothing found',
    pages: 'Pages',
    runs: 'Runs',
    models: 'Models',
    actions: 'Actions',
    light: 'Light theme',
    dark: 'Dark theme',
    system: 'System theme',
    pause: (name: string) => `Pause ${name}`,
    resume: (name: string) => `Resume ${name}`,
    openJob: (name: string) => `Open ${name}`,
    glossary: 'Glossary',
    showAll: 'Show all training settings',
    hideAll: 'Hide expert settings',
  },
  toasts: 'Messages',
  picker: {
    titles: {
      data: 'Choose a file with data',
      'model-folder': "Choose a model's folder",
      gguf: 'Choose a GGUF file',
      folder: 'Choose a folder',
      save: 'Choose where to save',
    },
    about: 'Folders on the computer that runs Fettle.',
    path: 'Folder',
    go: 'Open',
    up: 'Parent folder',
    here: 'Choose this folder',
    choose: 'Choose',
    name: 'File name',
    empty: 'Nothing to choose here.',
    folder: 'folder',
  },
} as const;
