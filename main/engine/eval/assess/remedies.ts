/** What to try next: what a run that learned too little lacks most, then configurations that forget less. */
import path from 'node:path';
import type { DoneEvent, Lack, Remedy, Verdict } from '../../../../common/protocol/protocol.ts';
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
): RemedyPlan[] {
  // what a blend lacks, a larger share gives back
  const learning = lack && !config.blend ? [forLack(config, done, lack)] : [];
  const names = new Set(learning.map(({ name }) => name));
  return [...learning, ...forgettingLess(config, done, forgot).filter(({ name }) => !names.has(name))];
}

function forLack(config: RunConfig, done: Ended | null, lack: Lack): RemedyPlan {
  if (lack === 'rate') {
    const { name, changes } = lowerRate(config);
    const why = `The loss on your test rows rose. Smaller steps, a rate of ${rateText(changes.learningRate)}, do less harm.`;
    return { name, why, changes };
  }
  if (lack === 'passes') return morePasses(config, done);
  if (lack === 'rows') {
    const why =
      'It knows the rows it was trained on, but not your test rows. More rows, or more varied ones, help most.';
    return { name: 'more-rows', why, changes: null };
  }
  const why =
    'The loss on your test rows stopped falling, and the rows were not memorised. A larger model can learn more.';
  return { name: 'larger-model', why, changes: null };
}

/** Twice as long, and not beyond the point where it helps. */
function morePasses({ epochs, maxSteps }: RunConfig, done: Ended | null): RemedyPlan {
  const why = "Trains for twice as long: the loss on your test rows hadn't settled yet.";
  const longer = {
    ...(epochs !== undefined && { epochs: 2 * epochs }),
    ...(maxSteps !== undefined && { maxSteps: 2 * (done?.steps ?? maxSteps) }),
  };
  return { name: 'more-passes', why, changes: { ...longer, earlyStopping: 3, keepBest: true } };
}

/** None where nothing was forgotten. */
function forgettingLess(config: RunConfig, done: Ended | null, forgot: Verdict['forgot']): RemedyPlan[] {
  if (forgot !== 'little' && forgot !== 'much') return [];
  const trainings = [
    replay(),
    fewerSteps(config, done),
    lowerRate(config),
    ...lowerRank(config),
    stayClose(),
  ];
  return [
    blend(config),
    ...trainings.map((plan) => ({
      ...plan,
      changes: { ...plan.changes, ...(config.blend && { blend: undefined }) },
    })),
  ];
}

/** Writes remedies as complete configurations with folders of their own; gives them with their files. */
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
    const changed = parseRunConfig({ ...config, ...changes, out: `${run}-${name}` });
    const file = path.join(run, REMEDIES_FOLDER, `${name}.json`);
    await writeFileAtomic(file, `${JSON.stringify(changed, toBundledName, 2)}\n`);
    written.push({ name, why, file });
  }
  return written;
}

/** Of what training changed, so much is kept; of a run that is a blend itself, so much of its share. */
const BLEND_STRENGTH = 0.7;

/** No training, so it comes first: in seconds a person sees whether that is enough. */
function blend({ out, blend: own }: RunConfig): RemedyPlan {
  const strength = Number((BLEND_STRENGTH * (own?.strength ?? 1)).toPrecision(2));
  const why = `Keeps ${strength} of what training changed in the weights, and is otherwise the untouched model: much of what was forgotten comes back, for some of what was learned, on some models a little and on others much. Nothing is trained, so the assessment tells in a short time.`;
  return { name: 'blend', why, changes: { blend: { of: own?.of ?? out, strength } } };
}

function replay(): RemedyPlan {
  const why =
    'Mixes general rows into the training, one in ten: the model keeps practising what it could do. Costs a little time.';
  return { name: 'replay', why, changes: { replay: 0.1 } };
}

/** Up to the best step where the best came early, else half of the steps. */
function fewerSteps(config: RunConfig, done: Ended | null): RemedyPlan {
  const steps = done?.steps ?? config.maxSteps ?? 100;
  const best = done?.bestStep ?? steps;
  const early = best > 0 && best < steps;
  const maxSteps = early ? best : Math.max(1, Math.ceil(steps / 2));
  const reason = early
    ? `the held-out loss was lowest at step ${best}`
    : `half of the ${steps} steps, and it stops when the held-out loss no longer falls`;
  const hasHeldOut = config.heldOut > 0 || config.evalData !== undefined;
  return {
    name: 'fewer-steps',
    why: `Trains for ${maxSteps} steps: ${reason}. Every step takes the model further from what it was.`,
    changes: { maxSteps, ...(hasHeldOut && { earlyStopping: 2, keepBest: true }) },
  };
}

function lowerRate({ learningRate }: RunConfig) {
  const lower = Number((learningRate / 3).toPrecision(2));
  const why = `Takes a learning rate of ${rateText(lower)} instead of ${rateText(learningRate)}: smaller steps disturb less of what was there.`;
  return { name: 'lower-rate', why, changes: { learningRate: lower } };
}

/** As the application writes rates: 6.7e-5. */
function rateText(rate: number): string {
  return rate < 1e-2 ? rate.toExponential() : String(rate);
}

/** A quarter of the rank, at the same scale of the adapter; only where there is an adapter. */
function lowerRank({ method, lora }: RunConfig): RemedyPlan[] {
  if (method === 'full' || lora.rank <= 2) return [];
  const rank = Math.max(2, Math.round(lora.rank / 4));
  const alpha = Math.max(0.001, (lora.alpha * rank) / lora.rank);
  const why = `Takes an adapter of rank ${rank} instead of ${lora.rank}: a smaller adapter can overwrite less.`;
  return [{ name: 'lower-rank', why, changes: { lora: { ...lora, rank, alpha } } }];
}

function stayClose(): RemedyPlan {
  const why =
    'Pulls the model back towards the untouched one while it learns, so that it moves only where the rows ask for it.';
  return { name: 'stay-close', why, changes: { stayClose: STAY_CLOSE } };
}

/** Strength of the pull; what it multiplies is explained at the field. */
const STAY_CLOSE = 10;
