/** Runs that are made of others without training, as jobs in the queue. */
import type { CallInput, Job, RunDetails } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { defined } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { movedModel, newFolder } from '../../app/jobs.ts';
import type { Parts } from '../../app/parts.ts';
import { parseRun } from '../../app/run-config.ts';
import { savedSettings } from '../../engine/config/config.ts';
import { machineFacts, versions } from '../../versions.ts';

/** Makes a run of the result of another one, which needs no training, and puts it into the queue. */
export async function blend(parts: Parts, { runId, strength }: CallInput<'blends', 'blend'>): Promise<Job> {
  const source = parts.store.runs.get(runId);
  const name = `${source.name.slice(0, 180)}, blend ${strength}`;
  return made(parts, source, name, { blend: { of: source.folder, strength } });
}

/** Makes a run whose adapter is the sum of those of two runs of the same model, each as strongly as its weight says. */
export async function combine(
  parts: Parts,
  { runId, weight, otherId, otherWeight }: CallInput<'blends', 'combine'>,
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
    ...(savedSettings(source.config) as object),
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
