/** An app that cannot open says why in a dialog; one that merely stumbles writes it into the log and goes on. */
import path from 'node:path';
import { app, dialog } from 'electron';
import { AppError, describeError, systemError } from '../../common/errors.ts';
import { openLog } from '../log.ts';
import { dataFolder } from '../paths.ts';
import { words } from './words.ts';

/** Says why the app could not start, and ends it. */
export function failToStart(error: unknown): void {
  dialog.showErrorBox(words.failure.title, reason(error));
  app.exit(1);
}

function reason(thrown: unknown): string {
  const error = systemError(thrown);
  if (error instanceof AppError) return describeError(error);
  const log = logNow();
  return words.failure.internal(log.failure('starting the window', error), log.file);
}

/** Without this Electron shows a box with a stack for each error that nobody awaited. */
export function logStrayErrors(): void {
  process.on('unhandledRejection', (error) => void logNow().failure('nobody awaited', error));
}

const logNow = () => openLog(() => path.join(dataFolder(), 'logs'));
