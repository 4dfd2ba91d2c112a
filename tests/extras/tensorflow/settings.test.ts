/** TensorFlow.js as an executor: what settings, plan, rescue and the words of a plan make of it. */
import os from 'node:os';
import { describe, expect, it } from 'vitest';
import type { RescueEvent, StartEvent } from '../../../common/protocol/protocol.ts';
import { readGrounds } from '../../../main/app/grounds.ts';
import { baseFormat, parseRunConfig } from '../../../main/engine/config/config.ts';
import { nameOf } from '../../../main/plan/device-choice.ts';
import { followed, NO_COURSE, rescueAfter } from '../../../main/runs/rescue.ts';
import type { FinishedRun } from '../../../main/store/store.ts';
import { plan } from '../../../renderer/text/wizard-plan.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';
import { START } from '../../unit/cli/sample-events.ts';

const TFJS = { model: 'm', data: 'd.jsonl', out: 'o', executor: 'tfjs' };

describe('TensorFlow.js', () => {
  it('keeps NF4 on any device, and has no float16, no 8-bit products and no weights in 16 bits', () => {
    const nf4 = { ...TFJS, method: 'qlora', quant: 'nf4' };
    expect(baseFormat(parseRunConfig({ ...nf4, device: 'webgpu' }))).toBe('nf4-dq');
    expect(() => parseRunConfig({ ...TFJS, precision: 'f16' })).toThrow('TensorFlow.js computes in float32');
    expect(() => parseRunConfig({ ...TFJS, precision: 'int8' })).toThrow('needs the executor ort');
    expect(() => parseRunConfig({ ...TFJS, bits: 16 })).toThrow('16');
  });

  it('is left for onnxruntime where it gets no memory, also for the weights', () => {
    const config = parseRunConfig({ ...TFJS, recompute: 'block' });
    const start: StartEvent = {
      ...{ ...START, tokensAtOnce: 128, leastTokensAtOnce: 128 },
      device: 'CPU, 1 thread (TensorFlow.js 4.22.0, WebAssembly)',
    };
    const rescue = (events: readonly (StartEvent | { event: 'phase'; phase: 'load' })[]) =>
      rescueAfter({
        ...{ config, course: events.reduce(followed, NO_COURSE), tries: [] },
        ...{ reason: 'out-of-memory', cause: 'It was full.' },
      });
    for (const events of [[start], [{ event: 'phase', phase: 'load' } as const]]) {
      const event: RescueEvent = rescue(events)!.event;
      expect(event).toMatchObject({ changes: { executor: 'ort', device: 'cpu' }, sameNumbers: false });
      expect(event.message).toContain('with onnxruntime on the processor');
    }
  });

  it('finds its card by itself, so its runs count for one place, whatever device they name', () => {
    const run = (device: string): FinishedRun => ({
      done: { price: { ...madeUpPrice({ flops: 1e12 }), executor: 'tfjs', device }, stepSeconds: 2 } as never,
      ...{ start: null, config: {}, machine: { processor: os.cpus()[0]?.model.trim() } },
    });
    const store = {
      hardware: { latest: () => null },
      runs: { finished: () => [run('cpu'), run('webgpu')] },
      settings: { get: () => ({ watts: null, pricePerKwh: 0 }) },
    };
    expect(readGrounds(store as never).measurements.ranOn).toEqual(new Set(['tfjs on cpu']));
  });

  it('has names in the command line and on the page', () => {
    const place = { device: 'cpu', executor: 'tfjs' } as const;
    const names = [null, 'RTX'].map((card) => plan.deviceName({ ...place, card }));
    expect(names).toEqual(['TensorFlow’s library', 'RTX (TensorFlow.js)']);
    const card = { name: 'RTX', freeBytes: null, isShared: false };
    const facts = { ...place, obstacle: null, measured: null };
    expect([nameOf({ ...facts, card: null }), nameOf({ ...facts, card })]).toEqual([
      'TensorFlow.js',
      'RTX through TensorFlow.js',
    ]);
  });
});
