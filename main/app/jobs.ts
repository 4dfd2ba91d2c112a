/** From what a person asks for to a job in the queue: trainings, blends, exports. What happens to it there is the supervisor's. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CallInput, Job, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { settingName } from '../../common/settings/form.ts';
import { defined } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { parseExportConfig } from '../engine/config/config.ts';
import { machineFacts, versions } from '../versions.ts';
import { onChosenDevice } from './device-choice.ts';
import type { Parts } from './parts.ts';
import { configOf, parseRun } from './run-config.ts';
import { onHub, placeElsewhere, requireElsewhere, targetSpec } from './targets.ts';
import { dataName, shortId, slug } from './uploads.ts';

export type TrainInput = CallInput<'jobs', 'train'> & { readonly tags?: readonly string[] };
type ExportInput = CallInput<'jobs', 'export'>;

/** Makes a run of a request and puts its training into the queue. Throws an AppError for wrong settings. */
export async function train(
  parts: Pick<Parts, 'store' | 'engine' | 'supervisor' | 'allowed'>,
  { request, startAt, draftId, tags, target }: TrainInput,
): Promise<Job> {
  const { store, engine, supervisor } = parts;
  const { name, data, prompts, from } = request;
  const out = newFolder(store, name);
  const { model, config: asked } = await configOf(parts, request, out);
  const isChosen = target === undefined && asked.device === 'auto';
  const config = isChosen ? await onChosenDevice(parts, request, asked) : asked;
  if (target) {
    targetSpec(store, target.name);
    requireElsewhere(config, settingName);
    placeElsewhere(out, target.name, target.sendModel ? null : onHub(model));
  }
  // the memory of models that are open for a chat is wanted now
  await engine.closeModels();
  const run = store.runs.create({
    name,
    config,
    folder: out,
    state: 'waiting',
    modelId: model.id,
    model: model.name,
    data: dataName(data.paths),
    prompts: prompts.filter((prompt) => prompt.trim() !== ''),
    from: from ?? null,
    machine: machineFacts(),
    versions: versions(),
  });
  const tagged = tags === undefined ? run : store.runs.update(run.id, { tags });
  const job = supervisor.train(tagged, defined({ startAt }));
  if (draftId !== undefined) store.drafts.discard(draftId);
  return job;
}

/** Makes a run of the result of another one, which needs no training, and puts it into the queue. */
export async function blend(parts: Parts, { runId, strength }: CallInput<'jobs', 'blend'>): Promise<Job> {
  const source = parts.store.runs.get(runId);
  const name = `${source.name.slice(0, 180)}, blend ${strength}`;
  return made(parts, source, name, { blend: { of: source.folder, strength } });
}

/** Makes a run whose adapter is the sum of those of two runs of the same model, each as strongly as its weight says. */
export async function combine(
  parts: Parts,
  { runId, weight, otherId, otherWeight }: CallInput<'jobs', 'combine'>,
): Promise<Job> {
  const [one, other] = [parts.store.runs.get(runId), parts.store.runs.get(otherId)];
  const rankOf = ({ config }: RunDetails) => (config.lora as { rank?: number } | undefined)?.rank ?? 0;
  if (one.method === 'full' || other.method === 'full')
    throw new AppError(
      'no-adapter',
      say`Only adapters can be combined, and one of these runs trained the whole model.`,
      say`Choose two runs with LoRA or QLoRA.`,
    );
  const rank = rankOf(one) + rankOf(other);
  const name = `${one.name.slice(0, 90)} + ${other.name.slice(0, 90)}`;
  return made(parts, one, name, {
    // ranks stand side by side, at a scale of 1
    lora: { ...(one.config.lora as object), rank, alpha: rank, rsLora: false },
    blend: { of: one.folder, strength: weight, with: other.folder, withStrength: otherWeight },
  });
}

/** Puts a run into the queue that has the settings of `source` with `changes`, and is made without training. */
async function made(
  parts: Parts,
  source: RunDetails,
  name: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<Job> {
  const { store, engine, supervisor } = parts;
  const out = newFolder(store, name);
  const config = parseRun({
    // a run of before scales could be quantised, or sheets named, does not say what it had
    ...(source.config.method === 'qlora' && { doubleQuant: false }),
    sheet: 'first',
    ...source.config,
    ...defined({ model: movedModel(store, source) }),
    ...changes,
    samplePrompts: [],
    out,
  });
  await engine.closeModels();
  const { modelId, model, data } = source;
  const run = store.runs.create({
    name,
    config,
    folder: out,
    state: 'waiting',
    modelId,
    model,
    data,
    prompts: [],
    from: source.id,
    machine: machineFacts(),
    versions: versions(),
  });
  return supervisor.train(run, {});
}

/** A folder for a new run, with a name that nobody else has. */
export function newFolder(store: Parts['store'], name: string): string {
  return path.join(store.folder, 'runs', `${slug(name, 'run')}-${shortId()}`);
}

/** Puts the export of a run into the queue; without a path to write to it gets one in the run's folder. */
export async function exportRun({ store, supervisor, allowed }: Parts, input: ExportInput): Promise<Job> {
  const { runId, as, adapterOnly, type, name, out } = input;
  if (out !== undefined) await allowed.write(out);
  const run = store.runs.get(runId);
  const config = parseExportConfig({
    run: run.folder,
    as,
    adapterOnly,
    ...defined({ type, name, model: movedModel(store, run) }),
    out: out ?? freePlace(run, input),
  });
  return supervisor.export(run, config);
}

/** Where the model of a run lies now, when that is not where the run says. */
export function movedModel(store: Parts['store'], { modelId, config }: RunDetails): string | undefined {
  const model = modelId === null ? null : store.models.find(modelId);
  return model?.available && model.path !== config.model ? model.path : undefined;
}

/** A new place in the run's folder, such as `exports/my-run-q8_0.gguf`; a name that a person gave stands alone. */
function freePlace(run: RunDetails, { as, type, adapterOnly, name: given }: ExportInput): string {
  const kind = [as === 'gguf' ? null : as, adapterOnly ? 'adapter' : null, type].filter(Boolean);
  const name = given === undefined ? [slug(run.name, 'model'), ...kind].join('-') : slug(given, 'model');
  const ending = as === 'gguf' ? '.gguf' : '';
  for (let count = 1; ; count++) {
    const place = path.join(run.folder, 'exports', `${name}${count === 1 ? '' : `-${count}`}${ending}`);
    if (!existsSync(place)) return place;
  }
}
