/** Training of what finds, by whoever asks: measured on test queries, and kept as a run in the history. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunDetails } from '../../../common/api/contract.ts';
import type { FindEncoder, IndexNews } from '../../../common/extras/find/calls.ts';
import { METHODS } from '../../../common/extras/find/reading-runs.ts';
import type { Measured, Trainer } from '../../../common/extras/find/vectors.ts';
import type { CallEvent, DoneEvent, Rival, Score } from '../../../common/protocol/protocol.ts';
import { chanceScores } from '../../../common/ranking.ts';
import { dataName } from '../../app/uploads.ts';
import { mean } from '../../engine/eval/assess/statistics.ts';
import { encoderIn } from '../../hub/local.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import type { Store } from '../../store/store.ts';
import { machineFacts, versions } from '../../versions.ts';
import { type JudgedEach, judgeFinding } from './judging.ts';

/** In the folder of what was trained: what was measured. */
const FIGURES = 'fettle-training.json';

type VectorsConfig = Parameters<EngineCalls['trainVectors']>[0];
type RerankerConfig = Parameters<EngineCalls['trainReranker']>[0];

export type TrainingOrder =
  | { readonly trainer: 'vectors'; readonly config: VectorsConfig }
  | { readonly trainer: 'reranker'; readonly config: RerankerConfig };

interface Io {
  readonly engine: EngineCalls;
  /** Ends it after its step; what it has learned is kept, and not measured. */
  readonly finish?: AbortSignal | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: CallEvent): void;
  tell(news: IndexNews): void;
}

export async function trainMeasured(
  { trainer, config }: TrainingOrder,
  { engine, finish, signal, onEvent, tell }: Io,
): Promise<Measured> {
  const asking = { ...(signal && { signal }), ...(finish && { finish }), onEvent };
  const { asked, passages, ...trained } =
    trainer === 'vectors'
      ? await engine.trainVectors(config, asking)
      : await engine.trainReranker(config, asking);
  if (asked.length === 0 || finish?.aborted) return { ...trained, found: null, score: null, rival: null };
  const io = { engine, signal: signal ?? finish, tell };
  const { each, ...judged } = await judgeFinding(asked, await waysOf(trainer, config, engine), io, passages);
  const answers = asked.map((one) => one.passages.length);
  return {
    ...trained,
    found: { ...judged, chance: chanceScores(answers, judged.passages) },
    ...scored({ ...judged, each }, config.seed),
  };
}

type Named = Pick<FindEncoder, 'name' | 'path'>;

/** What is measured beside counting words; the last one is what was trained. */
async function waysOf(
  trainer: Trainer,
  { model, out }: Pick<VectorsConfig, 'model' | 'out'>,
  engine: EngineCalls,
): Promise<{ readonly encoders: readonly Named[]; readonly reranker?: Named }> {
  if (trainer === 'vectors')
    return {
      encoders: [
        { name: 'before', path: model },
        { name: 'after', path: out },
      ],
    };
  return {
    // a reranker that learned more has none of its own: the smallest that is here
    encoders:
      (await encoderIn(model)) === 'known'
        ? [{ name: 'the encoder', path: model }]
        : (await engine.encoders()).slice(0, 1),
    reranker: { name: 'the reranker', path: out },
  };
}

/** The last way is what was trained; the best of the others is beside it. */
function scored({ by, each }: JudgedEach, seed: number): { readonly score: Score; readonly rival: Rival } {
  const scores = each.map(
    (values): Score => ({ name: 'found', rows: values.length, ...mean(values, seed, [0, 1]) }),
  );
  const last = by.length - 1;
  const best = scores
    .slice(0, last)
    .reduce((most, { value }, i) => (value > scores[most]!.value ? i : most), 0);
  const lead = each[last]!.map((value, i) => value - each[best]![i]!);
  return {
    score: scores[last]!,
    rival: {
      name: by[best]!.encoder === null ? 'bm25' : 'encoder',
      score: scores[best]!,
      lead: mean(lead, seed),
      seconds: null,
    },
  };
}

/** Writes what was measured into the folder of what was trained. */
export async function keepFigures(measured: Measured): Promise<void> {
  await writeFile(path.join(measured.out, FIGURES), `${JSON.stringify(measured, null, 2)}\n`);
}

/** Takes what was trained into the history. */
export function recordTrained(
  { runs }: Pick<Store, 'runs'>,
  { trainer, config }: TrainingOrder,
  measured: Measured,
  name = path.basename(config.out),
): RunDetails {
  const { seconds, steps, plannedSteps, score, rival } = measured;
  const now = Date.now();
  const run = runs.create({
    name,
    state: 'running',
    folder: config.out,
    modelId: null,
    prompts: [],
    from: null,
    model: path.basename(path.resolve(config.model)),
    data: dataName([config.data].flat()),
    config: { method: METHODS[trainer], ...config },
    machine: machineFacts(),
    versions: versions(),
  });
  return runs.update(run.id, {
    state: steps < plannedSteps ? 'stopped-early' : 'done',
    started: new Date(now - 1000 * seconds).toISOString(),
    ended: new Date(now).toISOString(),
    seconds,
    step: steps,
    steps: plannedSteps,
    done: doneOf(measured),
    ...(score && { score, rival }),
    ...(measured.general && { forgot: measured.general.forgot }),
  });
}

function doneOf({ took, steps, plannedSteps, losses, seconds, out }: Measured): DoneEvent {
  const { tokens, stepSeconds, secondsToFirstStep, peakBytes, energy } = took;
  return {
    event: 'done',
    steps,
    reason: steps < plannedSteps ? 'finished-early' : 'finished',
    trainedTokens: tokens,
    trainedTokensPerSecond: stepSeconds > 0 ? tokens / stepSeconds : 0,
    secondsToFirstStep,
    peakRssBytes: peakBytes,
    ...(energy.wattHours > 0 && { energy }),
    finalLoss: losses.last,
    heldOutLoss: null,
    heldOutLossBefore: null,
    bestStep: steps,
    seconds,
    out,
    result: out,
  };
}

/** What was measured of the run in `folder`; null where that is gone. */
export async function figuresIn(folder: string): Promise<Measured | null> {
  try {
    return JSON.parse(await readFile(path.join(folder, FIGURES), 'utf8')) as Measured;
  } catch {
    return null;
  }
}
