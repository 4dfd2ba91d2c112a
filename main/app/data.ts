/** Looking at data: how rows are read, split and seen by the model, and what the doctor finds and repairs. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type {
  CallInput,
  DataChoice,
  DataLook,
  DoctorProgress,
  RowPreview,
  RowSplit,
} from '../../common/api/contract.ts';
import type {
  CurveResult,
  DoctorReport,
  EditableRows,
  EditedRows,
  RowEdits,
} from '../../common/protocol/protocol.ts';
import { usualHeldOut } from '../../common/settings/rows.ts';
import { defined } from '../../common/values.ts';
import { left } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { heldOutRule } from '../plan/rules.ts';
import type { Parts } from './parts.ts';
import { dataConfig, modelOf } from './run-config.ts';
import { placeFor, shortId, slug, UPLOADS } from './uploads.ts';

/** The folder in the data folder for what the doctor's fixes write. */
const MENDED = 'mended';
const DEFAULT_LENGTH = 1024;

type Checked = CallInput<'data', 'check'>;

export async function look(
  { engine, allowed }: Parts,
  data: DataChoice,
  signal?: AbortSignal,
): Promise<DataLook> {
  await allowed.read(data.paths);
  return engine.look(dataConfig(data), { signal });
}

/** The rows by what becomes of them; a run that is repeated (`from`) has the engine's defaults where it names nothing. */
export async function split(
  { engine }: Parts,
  { rows, from, ...set }: CallInput<'data', 'split'>,
): Promise<RowSplit> {
  const usual = from === undefined ? heldOutRule({ rows, hasHeldOutFile: false }).value : usualHeldOut(rows);
  const heldOut = set.heldOut ?? usual ?? 0;
  const test = await engine.split([rows, heldOut]);
  return { heldOut, training: rows - test, test };
}

/** Rows as the model sees them: `count` from the one numbered `from`. */
export async function preview(
  parts: Parts,
  shown: CallInput<'data', 'preview'>,
  signal?: AbortSignal,
): Promise<readonly RowPreview[]> {
  await requireReadable(parts, shown);
  const { data, modelId, newTokens, maxLength = DEFAULT_LENGTH, trainOn = 'answers', from, count } = shown;
  const { thinking } = shown;
  const model = modelOf(parts, modelId).path;
  const how = { maxLength, trainOn, from, count, ...defined({ newTokens, thinking }) };
  return parts.engine.preview({ data: dataConfig(data), model, ...how }, { signal });
}

/** What the doctor finds; how far it is goes to `send`, and its report at last. */
export async function check(
  parts: Parts,
  checked: Checked,
  send: (news: DoctorProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  await requireReadable(parts, checked);
  const report = await parts.engine.check(
    checkConfig(parts, checked),
    (event) => {
      if (event.event !== 'phase') return;
      const { detail = say`Looking at the rows`, fraction = null, secondsLeft } = event;
      send({
        kind: 'progress',
        detail: [detail, left(secondsLeft)].filter(Boolean).join(marks().comma),
        fraction,
      });
    },
    signal,
  );
  send({ kind: 'report', report });
}

/** What more rows would bring to a sorter of these. */
export async function moreRows(
  parts: Parts,
  { data }: CallInput<'data', 'more'>,
  signal?: AbortSignal,
): Promise<CurveResult> {
  await requireReadable(parts, { data });
  return parts.engine.curve(dataConfig(data), { signal });
}

/** Writes a repaired file into the data folder. It goes on to its end, even when the page goes: half a file would be in the way. */
export async function fix(parts: Parts, checked: Checked, fixes: string[]): Promise<DoctorReport> {
  await requireReadable(parts, checked);
  const folder = path.join(parts.store.folder, MENDED);
  await mkdir(folder, { recursive: true });
  const name = slug(path.parse(checked.data.paths[0]!).name, 'rows');
  const out = path.join(folder, `${name}-${shortId()}.jsonl`);
  return parts.engine.check({ ...checkConfig(parts, checked), fix: fixes, out }, () => {});
}

/** Rows to edit, `count` of them from the one numbered `from`, or those that are like given ones. */
export async function rowsToEdit(
  { engine, allowed }: Parts,
  { data, from, count, like }: CallInput<'data', 'rows'>,
  signal?: AbortSignal,
): Promise<EditableRows> {
  await allowed.read(data.paths);
  return engine.rows({ data: dataConfig(data), from, count, like }, { signal });
}

/** Writes the rows with what a person changed as a copy in the data folder, under the name of the first file. */
export async function edit(
  { engine, allowed, store }: Parts,
  data: DataChoice,
  { changes, added }: RowEdits,
): Promise<EditedRows> {
  await allowed.read(data.paths);
  const name = `${path.parse(data.paths[0]!).name}.jsonl`;
  const out = await placeFor(path.join(store.folder, UPLOADS), name);
  return engine.edit({ data: dataConfig(data), changes, added, out });
}

function requireReadable({ allowed }: Parts, { data, evalPaths = [] }: Checked): Promise<void> {
  return allowed.read([...data.paths, ...evalPaths]);
}

function checkConfig(parts: Parts, { data, evalPaths, modelId, newTokens, maxLength }: Checked) {
  return {
    ...dataConfig(data),
    ...defined({ evalData: evalPaths, maxLength }),
    // without a model tokens are estimated, and new ones make no difference
    ...(modelId !== undefined && { model: modelOf(parts, modelId).path, ...defined({ newTokens }) }),
  };
}
