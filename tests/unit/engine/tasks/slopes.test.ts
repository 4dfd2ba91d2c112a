/** The derivatives in the graph against central differences of the losses in numbers. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { dpo, ipo, kto, orpo, simpo } from '../../../../main/engine/tasks/pair-losses.ts';
import { NO_NUMBERS, type Pair, type PairLoss, type Two } from '../../../../main/engine/tasks/preferences.ts';
import type { LossSettings } from '../../../../main/engine/tasks/task.ts';
import { compute } from '../../../helpers/graphs.ts';

const PAIRS: readonly Pair[] = [
  { sums: [-12.5, -9], references: [-13, -10.5], lengths: [6, 4], sign: 1 },
  { sums: [-3, -40], references: [-3.5, -38], lengths: [1, 12], sign: -1 },
  { sums: [-0.01, -2], references: [-0.5, -1], lengths: [2, 2], sign: 1 },
];
/** More places than pairs: filler must give nothing. */
const PLACES = 4;

async function slopesOf(loss: PairLoss, settings: LossSettings): Promise<number[][]> {
  const graph = new Graph();
  const column = (name: string) => graph.input(name, 'f32', [PLACES, 1]);
  const two = (name: string) => [column(`${name}0`), column(`${name}1`)] as const;
  const columns = {
    graph,
    sums: two('sums'),
    references: two('references'),
    lengths: two('lengths'),
    signs: column('signs'),
    real: column('real'),
  };
  const [first, second] = loss.slopes(columns, settings);
  graph.output('first', first);
  if (second) graph.output('second', second);
  const feed = (of: (pair: Pair) => number, filler: number) =>
    Float32Array.from({ length: PLACES }, (_, i) => (PAIRS[i] ? of(PAIRS[i]) : filler));
  const sides = (name: 'sums' | 'references' | 'lengths', filler: number) => ({
    [`${name}0`]: feed((pair) => pair[name][0], filler),
    [`${name}1`]: feed((pair) => pair[name][1], filler),
  });
  const outputs = await compute(graph, {
    ...sides('sums', 0),
    ...sides('references', 0),
    ...sides('lengths', 1),
    signs: feed(({ sign }) => sign, 0),
    real: feed(() => 1, 0),
  });
  return [outputs.first!, outputs.second ?? []].map((values) => [...values].map(Number));
}

/** Of the summed loss by the log-likelihood of one answer; z of KTO is held as it is. */
function difference(loss: PairLoss, settings: LossSettings, pair: number, side: 0 | 1): number {
  const step = 1e-4;
  const at = (shift: number) => {
    const moved = PAIRS.map((one, i): Pair => {
      const sums = one.sums.map((sum, s) => (i === pair && s === side ? sum + shift : sum));
      return { ...one, sums: sums as unknown as Two };
    });
    return loss.losses(moved, settings).reduce((sum, value) => sum + value, 0);
  };
  return (at(step) - at(-step)) / (2 * step);
}

const CASES: readonly (readonly [string, PairLoss, Partial<LossSettings>])[] = [
  ['dpo', dpo, {}],
  ['dpo, smoothed', dpo, { labelSmoothing: 0.2, beta: 0.5 }],
  ['ipo', ipo, {}],
  ['orpo', orpo, {}],
  ['simpo', simpo, {}],
  ['kto', kto, { goodWeight: 2, badWeight: 0.25 }],
];

describe('the slopes of a loss', () => {
  it.each(CASES)('%s are its derivatives', async (_, loss, own) => {
    const settings = { ...NO_NUMBERS, ...loss.defaults, ...own };
    const slopes = await slopesOf(loss, settings);
    for (const side of [0, 1] as const) {
      if (side === 1 && loss.isRated) continue;
      for (const pair of PAIRS.keys()) {
        const wanted = difference(loss, settings, pair, side);
        expect(slopes[side]![pair]).toBeCloseTo(
          wanted,
          3 - Math.ceil(Math.log10(Math.max(1, Math.abs(wanted)))),
        );
      }
    }
  });
});
