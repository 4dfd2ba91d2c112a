/** Where the job of a run is, and what of its log has been read: a file in the run's folder, so that a later process can continue. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { StartEvent } from '../../common/protocol/protocol.ts';
import { parsedJson } from '../../common/values.ts';
import { PLACE_FILE } from '../elsewhere.ts';
import { readText } from '../processes.ts';
import { renameAtOnce } from '../rename.ts';
import type { Job } from './target.ts';

const Start = z.looseObject({ event: z.literal('start'), steps: z.number() });
const Known = z.object({
  target: z.string(),
  /** The model on the Hub, which the target downloads; null: its files are sent. */
  hub: z.object({ name: z.string(), revision: z.string() }).nullable(),
  /** The job's folder there; null before anything was sent. */
  folder: z.string().nullable(),
  /** The folder of the model there; null where it is downloaded. */
  model: z.string().nullable(),
  /** Name of the job, new for each start; kept before it is used. Older runs lack it. */
  job: z.string().nullable().default(null),
  isStarted: z.boolean(),
  /** Facts of the run; null before its bundle was made. */
  start: z.custom<StartEvent>((one) => Start.safeParse(one).success).nullable(),
  /** Bytes of the log that were read. */
  offset: z.int().min(0),
  /** The last that was taken over of each kind. */
  seen: z.object({ checkpoint: z.number(), samples: z.array(z.string()) }),
});
export type Place = Readonly<z.infer<typeof Known>>;

export const newPlace = (target: string, hub: Place['hub']): Place => ({
  target,
  hub,
  folder: null,
  model: null,
  job: null,
  isStarted: false,
  start: null,
  offset: 0,
  seen: { checkpoint: -1, samples: [] },
});

/** The job of a run whose files were sent. */
export const jobOf = ({ job, folder, model }: Place): Job => ({ id: job!, folder: folder!, model });

/** Null where the run is not trained elsewhere, or the file is damaged. */
export function readPlace(folder: string): Place | null {
  return Known.safeParse(parsedJson(readText(path.join(folder, PLACE_FILE)) ?? '')).data ?? null;
}

/** What was asked from outside of the process that watches the job, which may write the place at the same moment. */
const STOP_FILE = 'elsewhere-stop';

/** Notes that the place's job was asked to stop. */
export function noteStop(folder: string, { job }: Place): void {
  writeFileSync(path.join(folder, STOP_FILE), `${job}\n`);
}

/** Whether the place's job, and no earlier one, was asked to stop. */
export function wasAskedToStop(folder: string, { job }: Place): boolean {
  const file = path.join(folder, STOP_FILE);
  return job !== null && existsSync(file) && readFileSync(file, 'utf8').trim() === job;
}

export function writePlace(folder: string, place: Place): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, PLACE_FILE);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(place, null, 2)}\n`);
  renameAtOnce(`${file}.tmp`, file);
}
