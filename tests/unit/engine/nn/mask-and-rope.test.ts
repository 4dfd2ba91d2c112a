/** What a token sees, and how far each pair of dimensions turns. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { attentionMask } from '../../../../main/engine/nn/attention.ts';
import { type RopeScaling, ropeFrequencies, ropeRows } from '../../../../main/engine/nn/rope.ts';
import { compute } from '../../../helpers/graphs.ts';

function visible(positions: number[], segments: number[], window: number | null): string[] {
  const graph = new Graph();
  const time = positions.length;
  const places = {
    positions: graph.input('positions', 'i32', [1, time]),
    segments: graph.input('segments', 'i32', [1, time]),
  };
  graph.output('mask', attentionMask(places, places, window));
  const { mask } = compute(graph, { positions, segments });
  return positions.map((_, i) =>
    mask!
      .slice(i * time, (i + 1) * time)
      .map((m) => (m === 0 ? 'x' : '.'))
      .join(''),
  );
}

describe('the attention mask', () => {
  it('is causal within each segment', () => {
    expect(visible([0, 1, 2, 0, 1], [0, 0, 0, 1, 1], null)).toEqual([
      'x....',
      'xx...',
      'xxx..',
      '...x.',
      '...xx',
    ]);
  });

  it('shows the last `window` tokens, the own one counted', () => {
    expect(visible([0, 1, 2, 3], [0, 0, 0, 0], 2)).toEqual(['x...', 'xx..', '.xx.', '..xx']);
    expect(visible([0, 1, 2], [0, 0, 0], 1)).toEqual(['x..', '.x.', '..x']);
  });

  it('leaves padding something to look at, so that no row of the softmax is empty', () => {
    expect(visible([0, 1, 0, 0], [0, 0, -1, -1], null).every((row) => row.includes('x'))).toBe(true);
  });
});

describe('rotary frequencies', () => {
  const rope = (scaling: RopeScaling) => ({ width: 8, theta: 10000, scaling });
  const of = (scaling: RopeScaling, longest = 1) => [...ropeFrequencies(rope(scaling), longest)];
  const plain = of({ type: 'default' });

  it('fall from 1 by powers of theta', () => {
    [1, 0.1, 0.01, 0.001].forEach((f, i) => {
      expect(plain[i]).toBeCloseTo(f, 7);
    });
  });

  it('are divided by a linear factor', () => {
    of({ type: 'linear', factor: 4 }).forEach((f, i) => {
      expect(f).toBeCloseTo(plain[i]! / 4, 8);
    });
  });

  it('of dynamic scaling change once the positions are used up', () => {
    const scaling = { type: 'dynamic', factor: 2, originalPositions: 16 } as const;
    expect(of(scaling, 16)).toEqual(plain);
    const stretched = of(scaling, 32);
    // theta (2 * 32 / 16 - 1)^(8 / 6)
    expect(stretched[1]).toBeCloseTo((10000 * 3 ** (8 / 6)) ** -0.25, 7);
    expect(stretched[0]).toBe(1);
  });

  it('of longrope use the long factors for sequences beyond the original length', () => {
    const scaling = {
      type: 'longrope',
      short: [1, 1, 1, 2],
      long: [1, 2, 4, 8],
      originalPositions: 16,
      attentionFactor: 1.5,
    } as const;
    expect(of(scaling, 16)[3]! / plain[3]!).toBeCloseTo(1 / 2, 6);
    expect(of(scaling, 17)[3]! / plain[3]!).toBeCloseTo(1 / 8, 6);
    const { cos } = ropeRows(rope(scaling), Int32Array.of(0, 3));
    expect([...cos.subarray(0, 4)]).toEqual([1.5, 1.5, 1.5, 1.5]);
  });

  it('of llama3 keep short wavelengths and divide long ones', () => {
    const scaling = {
      type: 'llama3',
      factor: 8,
      lowFactor: 1,
      highFactor: 4,
      originalPositions: 256,
    } as const;
    const own = of(scaling);
    expect(own[0]).toBe(plain[0]); // wavelength 6.3 < 64
    expect(own[1]).toBeGreaterThan(plain[1]! / 8); // 62.8 < 64: kept
    expect(own[2]! / plain[2]!).toBeCloseTo(1 / 8, 6); // 628 > 256
  });

  it('of proportional scaling are 0 for the pairs that do not turn', () => {
    const own = of({ type: 'proportional', factor: 2, rotatedPairs: 2 });
    expect(own[1]).toBeCloseTo(plain[1]! / 2, 8);
    expect(own.slice(2)).toEqual([0, 0]);
  });
});

describe('the tables of a batch', () => {
  it('have a row for each position, repeated positions included', () => {
    const rope = { width: 4, theta: 100, scaling: { type: 'default' } } as const;
    const { cos, sin } = ropeRows(rope, Int32Array.of(2, 0, 2));
    [2, 0.2, 0, 0, 2, 0.2].forEach((angle, i) => {
      expect(cos[i]).toBeCloseTo(Math.cos(angle), 6);
      expect(sin[i]).toBeCloseTo(Math.sin(angle), 6);
    });
  });

  it('rotate each packed sequence as it is rotated alone', () => {
    const scalings: RopeScaling[] = [
      { type: 'longrope', short: [1, 2], long: [3, 4], originalPositions: 4, attentionFactor: 1 },
      { type: 'dynamic', factor: 2, originalPositions: 4 },
    ];
    for (const scaling of scalings) {
      const rope = { width: 4, theta: 100, scaling };
      const lengths = [3, 6, 1, 5, 2];
      const sequences = lengths.map((length) => Int32Array.from({ length }, (_, i) => i));
      const { cos, sin } = ropeRows(rope, Int32Array.from(sequences.flatMap((one) => [...one])));
      const alone = sequences.map((one) => ropeRows(rope, one));
      expect([...cos]).toEqual(alone.flatMap((one) => [...one.cos]));
      expect([...sin]).toEqual(alone.flatMap((one) => [...one.sin]));
    }
  });

  it('take the length from the caller where it knows of more', () => {
    const scaling = { type: 'dynamic', factor: 2, originalPositions: 4 } as const;
    const rope = { width: 4, theta: 100, scaling };
    const near = ropeRows(rope, Int32Array.of(3));
    expect(ropeRows(rope, Int32Array.of(3), Int32Array.of(4))).toEqual(near);
    expect(ropeRows(rope, Int32Array.of(3), Int32Array.of(8))).not.toEqual(near);
  });
});
