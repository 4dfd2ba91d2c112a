/** From what a person asks for to a job in the queue: trainings and exports. What happens to it there is the supervisor's. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CallInput, Job, RunDetails } from '../../common/api/contract.ts';
import { settingName } from '../../common/settings/form.ts';
import { defined } from '../../common/values.ts';
import { parseExportConfig } from '../engine/config/config.ts';
import { machineFacts, versions } from '../versions.ts';
import { onChosenDevice } from './device-choice.ts';
import type { Parts } from './parts.ts';
import { configOf } from './run-config.ts';
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
