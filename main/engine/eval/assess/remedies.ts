/** What to try next: what a run that learned too little lacks most, then configurations that forget less. */
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { DoneEvent, Lack, Remedy, TaskKind, Verdict } from '../../../../common/protocol/protocol.ts';
import { isFixedForm } from '../../../../common/settings/forgetting.ts';
import { percent, plural, rateText } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { toBundledName } from '../../../paths.ts';
import { parseRunConfig, type RunConfig } from '../../config/config.ts';
import { writeFileAtomic } from '../../io/atomic.ts';

const REMEDIES_FOLDER = 'remedies';

interface RemedyPlan {
  readonly name: string;
  readonly why: string;
  /** Settings to change; null where a person has to choose. */
  readonly changes: Readonly<Record<string, unknown>> | null;
}

type Ended = Pick<DoneEvent, 'steps' | 'bestStep'>;

/** First what helps to learn, then what helps to forget less: the quickest first, then the surest. */
export function remediesFor(
  config: RunConfig,
  done: Ended | null,
  { forgot, lack }: Pick<Verdict, 'forgot' | 'lack'>,
  task: TaskKind,
): RemedyPlan[] {
  // what a blend lacks, a larger share gives back
  const learning = lack && !config.blend ? [forLack(config, done, lack)] : [];
  const names = new Set(learning.map(({ name }) => name));
  return [...learning, ...forgettingLess(config, done, forgot, task).filter(({ name }) => !names.has(name))];
}

function forLack(config: RunConfig, done: Ended | null, lack: Lack): RemedyPlan {
  if (lack === 'rate') {
    const { name, changes } = lowerRate(config);
    const why = say`The loss on your test rows rose. A lower learning rate of ${rateText(changes.learningRate)} does less harm.`;
    return { name, why, changes };
  }
  if (lack === 'passes') return morePasses(config, done);
  if (lack === 'rows') {
    const why = say`It knows its training rows, but not your test rows. More and more varied rows help most.`;
    return { name: 'more-rows', why, changes: null };
  }
  const why = say`The loss on your test rows stopped falling. A larger model can learn more.`;
  return { name: 'larger-model', why, changes: null };
}

/** Twice as long, and not beyond the point where it helps. */
function morePasses({ epochs, maxSteps }: RunConfig, done: Ended | null): RemedyPlan {
  const why = say`Trains twice as long: the loss on your test rows was still falling.`;
  const longer = {
    ...(epochs !== undefined && { epochs: 2 * epochs }),
    ...(maxSteps !== undefined && { maxSteps: 2 * (done?.steps ?? maxSteps) }),
  };
  return { name: 'more-passes', why, changes: { ...longer, earlyStopping: 3, keepBest: true } };
}

/** None where nothing was forgotten. */
function forgettingLess(
  config: RunConfig,
  done: Ended | null,
  forgot: Verdict['forgot'],
  task: TaskKind,
): RemedyPlan[] {
  if (forgot !== 'little' && forgot !== 'much') return [];
  const trainings = [
    replay(),
    fewerSteps(config, done),
    lowerRate(config),
    ...lowerRank(config),
    stayClose(),
  ];
  const others = trainings.map((plan) => ({
    ...plan,
    changes: { ...plan.changes, ...(config.blend && { blend: undefined }) },
  }));
  // a blend loses answers of a fixed form as fast as the rest comes back
  return isFixedForm(task) ? [...others, blend(config)] : [blend(config), ...others];
}

/** Writes remedies as complete configurations with folders of their own; gives them with their files, those alone that can be trained. */
export async function writeRemedies(
  config: RunConfig,
  run: string,
  plans: readonly RemedyPlan[],
): Promise<Remedy[]> {
  const written: Remedy[] = [];
  for (const { name, why, changes } of plans) {
    if (changes === null) {
      written.push({ name, why, file: null });
      continue;
    }
    const changed = allowedConfig({ ...config, ...changes, out: `${run}-${name}` });
    if (changed === null) continue;
    const file = path.join(run, REMEDIES_FOLDER, `${name}.json`);
    await writeFileAtomic(file, `${JSON.stringify(changed, toBundledName, 2)}\n`);
    written.push({ name, why, file });
  }
  return written;
}

/** Null where the run's other settings rule the change out, as comparing answers does with general rows mixed in. */
function allowedConfig(settings: Readonly<Record<string, unknown>>): RunConfig | null {
  try {
    return parseRunConfig(settings);
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-config') return null;
    throw error;
  }
}

/** Of what training changed, so much is kept; of a run that is a blend itself, so much of its share. */
const BLEND_STRENGTH = 0.7;

/** No training, so it comes first: in seconds a person sees whether that is enough. */
function blend({ out, blend: own }: RunConfig): RemedyPlan {
  const strength = Number((BLEND_STRENGTH * (own?.strength ?? 1)).toPrecision(2));
  const why = say`Mixes ${percent(strength)} of the trained model with the base model, without training. Much of what it forgot comes back, but some of what it learned is lost.`;
  return {
    name: 'blend',
    why,
    changes: { blend: { of: own?.with === undefined ? (own?.of ?? out) : out, strength } },
  };
}

function replay(): RemedyPlan {
  const why = say`Mixes general rows into the training, one in ten, so that the model keeps practising what it knew.`;
  return { name: 'replay', why, changes: { replay: 0.1 } };
}

/** Up to the best step where the best came early, else half of the steps. */
function fewerSteps(config: RunConfig, done: Ended | null): RemedyPlan {
  const steps = done?.steps ?? config.maxSteps ?? 100;
  const best = done?.bestStep ?? steps;
  const early = best > 0 && best < steps;
  const maxSteps = early ? best : Math.max(1, Math.ceil(steps / 2));
  const hasHeldOut = config.heldOut !== 0 || config.evalData !== undefined;
  return {
    name: 'fewer-steps',
    why: early
      ? say`Trains for ${plural(maxSteps, 'step')}, where the loss on your test rows was lowest. Fewer steps change the model less.`
      : say`Trains for ${plural(maxSteps, 'step')}, half as many. Fewer steps change the model less.`,
    changes: { maxSteps, ...(hasHeldOut && { earlyStopping: 2, keepBest: true }) },
  };
}

function lowerRate({ learningRate }: RunConfig) {
  const lower = Number((learningRate / 3).toPrecision(2));
  const why = say`Lowers the learning rate from ${rateText(learningRate)} to ${rateText(lower)}: smaller steps change the model less.`;
  return { name: 'lower-rate', why, changes: { learningRate: lower } };
}

/** A quarter of the rank, at the same scale of the adapter; only where there is an adapter. */
function lowerRank({ method, lora }: RunConfig): RemedyPlan[] {
  if (method === 'full' || lora.rank <= 2) return [];
  const rank = Math.max(2, Math.round(lora.rank / 4));
  const alpha = Math.max(0.001, (lora.alpha * rank) / lora.rank);
  const why = say`Lowers the adapter's rank from ${lora.rank} to ${rank}: a smaller adapter overwrites less.`;
  return [{ name: 'lower-rank', why, changes: { lora: { ...lora, rank, alpha } } }];
}

function stayClose(): RemedyPlan {
  const why = say`Pulls the model back towards the base model while it learns.`;
  return { name: 'stay-close', why, changes: { stayClose: STAY_CLOSE } };
}

/** Strength of the pull; what it multiplies is explained at the field. */
const STAY_CLOSE = 10;
