/** Trying a run out: by a made-up clock, and with the tiny model. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineEvent, ProbeLimits } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { train } from '../../../../main/engine/session/session.ts';
import { trySteps } from '../../../../main/engine/train/training-run.ts';
import { canMakeDisks, smallDisk } from '../../../helpers/small-disk.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const limits: ProbeLimits = { steps: 3, warmSeconds: 2, mostWarmSteps: 20, evaluationSeconds: 20 };
const going = new AbortController().signal;

/** Steps that take these seconds, the last of them from then on. */
function taking(...seconds: number[]) {
  let taken = 0;
  const step = async () => seconds[Math.min(taken++, seconds.length - 1)]!;
  return { step, taken: () => taken };
}

describe('trySteps', () => {
  it('counts three steps after two seconds of others', async () => {
    const { step } = taking(0.9, 0.7, 0.5, 0.41, 0.42, 0.43, 0.44);
    expect(await trySteps(limits, step, going)).toEqual({ warmSteps: 3, stepSeconds: [0.41, 0.42, 0.43] });
  });

  it('warms up with no more than so many steps', async () => {
    const { step, taken } = taking(0.001);
    expect(await trySteps(limits, step, going)).toMatchObject({ warmSteps: 20 });
    expect(taken()).toBe(23);
  });

  it('counts the first one where it takes long', async () => {
    const { step, taken } = taking(2.1, 1.8);
    expect(await trySteps(limits, step, going)).toEqual({ warmSteps: 0, stepSeconds: [2.1, 1.8, 1.8] });
    expect(taken()).toBe(3);
  });

  it('ends between two steps when it is asked to', async () => {
    const stop = new AbortController();
    const { step, taken } = taking(1);
    const stopping = async () => {
      if (taken() === 1) stop.abort();
      return await step();
    };
    expect(await trySteps(limits, stopping, stop.signal)).toBeNull();
    expect(taken()).toBe(2);
  });
});

describe('a run', () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it.runIf(canMakeDisks)('is refused where neither a checkpoint nor its result would fit', async () => {
    const model = await writeTinyModel(path.join(folder, 'model'));
    const data = writeRows(path.join(folder, 'rows.jsonl'), tinyRows(40));
    const disk = smallDisk(path.join(folder, 'disk'), 1);
    try {
      const out = path.join(folder, 'disk', 'run');
      const config = parseRunConfig({
        ...{ model, data, out, threads: 1, assess: false, heldOut: 10, maxSteps: 2, lora: { rank: 256 } },
        ...{ tokensPerMicroBatch: 128, maxLength: 64 },
      });
      const run = train(config, { emit: () => {}, stop: going, resume: false });
      await expect(run).rejects.toMatchObject({
        code: 'disk-full',
        message: expect.stringMatching(/^This training needs .* but only .* are free\.$/),
      });
      // it can be started again there
      expect(readdirSync(out)).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  it('that is resumed without its rows says that they were moved', async () => {
    const [data, out] = ['moved.jsonl', 'resumed'].map((name) => path.join(folder, name));
    const config = parseRunConfig({ model: folder, data, out });
    const io = { emit: () => {}, stop: going };
    await expect(train(config, { ...io, resume: true })).rejects.toMatchObject({
      code: 'data-moved',
      hint: 'The run was started with it. Put it back where it was.',
    });
    await expect(train(config, { ...io, resume: false })).rejects.toMatchObject({ code: 'file-not-found' });
  });

  it('says where measuring takes longer than it does itself', async () => {
    const model = await writeTinyModel(path.join(folder, 'model-2'));
    const many = Array.from({ length: 1200 }, (_, i) => ({ text: `${i} ${'abc '.repeat(12)}` }));
    const [data, evalData] = ['few', 'many'].map((name) =>
      writeRows(path.join(folder, `${name}.jsonl`), name === 'few' ? many.slice(0, 20) : many),
    );
    const config = parseRunConfig({
      ...{
        model,
        data,
        evalData,
        out: path.join(folder, 'measuring'),
        threads: 1,
        assess: false,
        maxSteps: 1,
      },
      ...{ tokensPerMicroBatch: 128, maxLength: 64 },
    });
    const stop = new AbortController();
    const warnings: string[] = [];
    const emit = (event: EngineEvent) => {
      if (event.event === 'warning') warnings.push(event.message);
      if (event.event === 'start') stop.abort();
    };
    await train(config, { emit, stop: stop.signal, resume: false });
    expect(warnings).toContainEqual(expect.stringMatching(/^Measuring 1,200 test rows 2 times takes longer/));
  });
});

describe('a run that is tried out', () => {
  const { folder, remove } = temporaryFolder();
  afterAll(remove);

  it('takes its steps and one evaluation, and keeps nothing', async () => {
    const model = await writeTinyModel(path.join(folder, 'model'));
    const data = path.join(folder, 'rows.jsonl');
    writeFileSync(
      data,
      tinyRows(40)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const out = path.join(folder, 'run');
    const config = parseRunConfig({
      ...{ model, data, out, threads: 1, assess: false, heldOut: 10, maxSteps: 7, saveEverySteps: 1 },
      ...{ tokensPerMicroBatch: 128, maxLength: 64, evalEvery: 2, logEvery: 1 },
    });
    const events: EngineEvent[] = [];
    const probe = { ...limits, mostWarmSteps: 4 };
    const io = { emit: (event: EngineEvent) => events.push(event), stop: going, resume: false, probe };
    const end = await train(config, io);
    const seen = events.map(({ event }) => event);
    expect(seen.filter((event) => event === 'step')).toHaveLength(7);
    expect(seen).not.toContain('eval');
    expect(seen).not.toContain('checkpoint');
    if (end.event !== 'done') throw new Error(`it ended as ${end.event}`);
    const { batches, measuredBatches, seconds } = end.probe!.evaluation!;
    expect(end.probe).toMatchObject({ warmSteps: 4, stepSeconds: { length: 3 } });
    expect(measuredBatches).toBe(batches);
    expect(batches).toBeGreaterThan(1);
    expect(seconds).toBeGreaterThan(0);
    expect(end.result).toBe('');
    expect(existsSync(path.join(out, 'checkpoints'))).toBe(false);
    expect(readdirSync(out)).not.toContain('adapter');
  });
});
