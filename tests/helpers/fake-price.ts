/** Stand-ins for what the planner works with: a price that behaves as a transformer does, and length profiles. */
import type { PlanMethod, PlanSettings, RangedFigure } from '../../common/api/contract.ts';
import type { LengthProfile } from '../../common/protocol/protocol.ts';
import { savedBytes } from '../../common/settings/plan.ts';
import { LengthCounter } from '../../main/engine/data/tokens/token-writer.ts';
import type { PeaksOf } from '../../main/plan/nearest.ts';
import type { Price } from '../../main/plan/search.ts';
import { adapterParameters, depthTimesWidth } from '../../main/plan/shapes.ts';
import type { Situation } from '../../main/plan/situation.ts';

const ranged = (value: number, spread: number): RangedFigure => ({
  ...{ value, low: value * (1 - spread), high: value * (1 + spread), restsOn: 'formula' },
});

/** Bytes that a training of a usual transformer of so many weights needs, about. */
export function fakePeakBytes(parameters: number, method: PlanMethod, rank: number, tokens: number): number {
  const trained = method === 'full' ? parameters : adapterParameters(parameters, rank);
  const frozen = method === 'full' ? 0 : parameters * (method === 'qlora' ? 0.6 : 4);
  return 250e6 + frozen + 16 * trained + 4 * tokens * 24 * depthTimesWidth(parameters);
}

/** The peaks of the models of `situationOf`'s catalog, and null for others. */
export const fakePeaks: PeaksOf = async (repos, { method, rank, tokensPerMicroBatch, device }) => {
  const { catalog } = situationOf();
  return repos.map((repo) => {
    const found = catalog.find((entry) => entry.repo === repo);
    if (!found) return null;
    const peakBytes = ranged(fakePeakBytes(found.parameters, method, rank ?? 0, tokensPerMicroBatch), 0.06);
    return { peakBytes, peakVramBytes: device === 'cpu' ? null : peakBytes };
  });
};

/** So many times as fast as the processor a made-up card is. */
export const FAKE_CARD_TIMES = 6;

export interface FakeComputer {
  readonly flops?: number | null;
  /** Tokens of all rows, none of them cut. */
  readonly tokens: number;
}

/** A price of a model of so many weights, and the settings that it was asked for. */
export function fakePrice(
  parameters: number,
  { flops = 3e11, tokens }: FakeComputer,
): { readonly price: Price; readonly asked: PlanSettings[] } {
  const asked: PlanSettings[] = [];
  const price: Price = (settings) => {
    asked.push(settings);
    const { method, rank, tokensPerMicroBatch, maxLength, epochs, recompute, optimizer } = settings;
    const { bits, quant, masterBits, device } = settings;
    const plain = fakePeakBytes(parameters, method, rank ?? 0, tokensPerMicroBatch);
    const share = { none: 0, attention: 0.4, third: 0.53, half: 0.6, block: 0.8 }[recompute];
    const moments = optimizer === 'adamw-8bit' && method === 'full' ? 6 * parameters : 0;
    const gradients = method === 'full' ? 0.6 * savedBytes(settings) * parameters : 0;
    const saved = moments + gradients + share * 96 * tokensPerMicroBatch * depthTimesWidth(parameters);
    const attention = 1 + maxLength / 20_000;
    const perToken =
      (method === 'full' ? 6 : 4) *
      parameters *
      attention *
      { none: 1, attention: 1.05, third: 1.15, half: 1.2, block: 1.35 }[recompute];
    const speed = (flops ?? 0) * (device === 'cpu' ? 1 : FAKE_CARD_TIMES);
    const seconds = flops === null ? null : 20 + (tokens * epochs * perToken) / speed;
    const leaner = bits === 16 || masterBits === 16 ? 2 : quant === 'nf4' ? 0.05 : bits === 8 ? -0.5 : 0;
    const peakBytes = ranged(plain - saved - leaner * parameters, 0.06);
    return {
      peakBytes,
      peakVramBytes: device === 'cpu' ? null : peakBytes,
      totalSeconds: seconds === null ? null : ranged(seconds, 0.2),
    };
  };
  return { price, asked };
}

/** Rows of the given lengths whose last `answer` tokens are learned. */
export function profileOf(lengths: readonly number[], answer = 20): LengthProfile {
  const counter = new LengthCounter();
  for (const length of lengths) {
    const labels = Array.from({ length }, (_, t) => (t >= length - answer ? 1 : -100));
    counter.add({ ids: labels, labels }, false);
  }
  return counter.finish();
}

/** A situation like any other; `change` says what is special. */
export function situationOf(change: Partial<Situation> & { readonly freeBytes?: number } = {}): Situation {
  const { freeBytes = 16e9, ...rest } = change;
  return {
    model: { parameters: 135e6, contextLength: 8192 },
    rows: 1000,
    profile: null,
    hasHeldOutFile: false,
    goal: null,
    wish: { kind: 'best' },
    executors: [{ name: 'ort', freeBytes }],
    totalBytes: freeBytes * 1.5,
    own: {},
    catalog: [
      { name: 'Practice model', repo: 'fettle/practice-model', localId: 'practice', parameters: 4.2e6 },
      { name: 'SmolLM2 135M', repo: 'h/135m', localId: null, parameters: 135e6 },
      { name: 'Qwen 0.6B', repo: 'q/0.6b', localId: null, parameters: 0.6e9 },
      { name: 'Llama 1B', repo: 'l/1b', localId: null, parameters: 1.2e9 },
      { name: 'Qwen 4B', repo: 'q/4b', localId: null, parameters: 4e9 },
    ],
    ...rest,
  };
}
