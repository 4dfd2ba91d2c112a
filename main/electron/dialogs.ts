/**
 * The system's dialogs: picking files and folders, and the question what becomes of a job when the window is
 * closed.
 */
import { type BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { Job } from '../../common/api/contract.ts';
import type { Host } from '../api/parts.ts';
import { words } from './words.ts';

type Pick = NonNullable<Host['pick']>;
type What = Parameters<Pick>[0];

const { data, gguf, all } = words.files;
const DATA_TYPES = ['csv', 'tsv', 'json', 'jsonl', 'ndjson', 'parquet', 'xlsx', 'txt', 'md', 'zip', 'gz'];

const OPEN: Readonly<Record<Exclude<What, 'save'>, OpenDialogOptions>> = {
  data: {
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: data, extensions: DATA_TYPES },
      { name: all, extensions: ['*'] },
    ],
  },
  'model-folder': { properties: ['openDirectory'] },
  gguf: { properties: ['openFile'], filters: [{ name: gguf, extensions: ['gguf'] }] },
  folder: { properties: ['openDirectory', 'createDirectory'] },
};

/** Lets the person pick; an empty list when they did not. */
export function picker(parent: () => BrowserWindow | null): Pick {
  return async (what, suggest) => {
    const window = parent();
    if (what === 'save') {
      const options = suggest === undefined ? {} : { defaultPath: suggest };
      const { filePath } = await (window
        ? dialog.showSaveDialog(window, options)
        : dialog.showSaveDialog(options));
      return filePath ? [filePath] : [];
    }
    const options = suggest === undefined ? OPEN[what] : { ...OPEN[what], defaultPath: suggest };
    const { filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options));
    return filePaths;
  };
}

/** What the person wants of a job that goes on when they close Fettle. */
type Decision = 'background' | 'pause' | 'stop' | 'cancel';

const DECISIONS: readonly Decision[] = ['background', 'pause', 'stop', 'cancel'];

/** Asks that; Esc means that nothing is closed. */
export async function askAboutJob(parent: BrowserWindow | null, jobs: readonly Job[]): Promise<Decision> {
  const [first] = jobs;
  if (!first) return 'pause';
  const { title, message, more, detail } = words.close;
  const options = {
    type: 'question' as const,
    noLink: true,
    defaultId: 0,
    cancelId: DECISIONS.indexOf('cancel'),
    title,
    message: message(first.name),
    detail: jobs.length > 1 ? `${more(jobs.length - 1)} ${detail}` : detail,
    buttons: DECISIONS.map((each) => words.close[each]),
  };
  const { response } = await (parent?.isVisible()
    ? dialog.showMessageBox(parent, options)
    : dialog.showMessageBox(options));
  return DECISIONS[response] ?? 'cancel';
}
