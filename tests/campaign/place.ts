/** The folder in which an operation of the campaign is run, over and over from the same start. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Operation } from './operation.ts';

export interface Place {
  /** Where the operation is run: always here, because paths are part of what a run remembers. */
  readonly work: string;
  /** Makes `work` what the operation starts from. */
  reset(): void;
  remove(): void;
}

/** Prepares `operation` once. What it keeps lies in its folder too. */
export async function openPlace(operation: Operation, folder: string): Promise<Place> {
  const [work, start] = ['work', 'start'].map((name) =>
    path.join(folder, operation.name.replaceAll(' ', '-'), name),
  ) as [string, string];
  mkdirSync(work, { recursive: true });
  process.env.FETTLE_HOME = path.join(work, 'home');
  await operation.prepare(work);
  cpSync(work, start, { recursive: true, preserveTimestamps: true });
  return {
    work,
    reset() {
      process.env.FETTLE_HOME = path.join(work, 'home');
      rmSync(work, { recursive: true, force: true });
      cpSync(start, work, { recursive: true, preserveTimestamps: true });
    },
    remove: () => rmSync(path.dirname(work), { recursive: true, force: true }),
  };
}
