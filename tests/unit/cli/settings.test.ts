import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { readArguments } from '../../../main/cli/arguments.ts';
import { readSettings } from '../../../main/cli/settings.ts';
import { command as train, trainConfig } from '../../../main/cli/train.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-settings-'));
});
afterAll(() => rm(folder, { recursive: true }));

const config = (...argv: string[]) => trainConfig(readArguments('train', train.flags, argv));
const FILES = ['--model', 'm', '--data', 'd', '--out', 'o'];

async function save(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${String(error)}`);
}

describe('trainConfig', () => {
  it('lets flags win over the file, and the file over defaults', async () => {
    const file = await save('a.json', {
      learningRate: 1e-3,
      lora: { rank: 8, dropout: 0.1 },
      packing: false,
    });
    const settled = await config(...FILES, '--config', file, '--rank', '4', '--packing');
    expect(settled).toMatchObject({
      learningRate: 1e-3,
      lora: { rank: 4, alpha: 8, dropout: 0.1 },
      packing: true,
      epochs: 3,
    });
  });

  it('takes a device that was chosen for another run for no wish, and one that was named for one', async () => {
    const chosen = await save('chosen.json', {
      device: 'webgpu',
      deviceWhy: 'It was faster.',
      packing: false,
    });
    expect(await config(...FILES, '--config', chosen)).toMatchObject({ device: 'auto', packing: false });
    expect(await config(...FILES, '--config', chosen)).not.toHaveProperty('deviceWhy');
    const former = await save('former.json', { device: 'cuda' });
    expect(await config(...FILES, '--config', former)).toMatchObject({ device: 'auto' });
    const named = await save('named.json', { device: 'webgpu' });
    expect((await config(...FILES, '--config', named)).device).toBe('webgpu');
  });

  it('goes on where a run was, unless another device is named', async () => {
    const out = await mkdtemp(join(tmpdir(), 'fettle-device-'));
    const saved = { model: 'm', data: 'd', out, device: 'webgpu', deviceWhy: 'It was faster.' };
    await writeFile(join(out, 'run.json'), JSON.stringify(saved));
    const resumed = (...more: string[]) => config('--out', out, '--resume', ...more);
    expect(await resumed()).toMatchObject({ device: 'webgpu', deviceWhy: 'It was faster.' });
    for (const device of ['cpu', 'auto']) {
      expect((await resumed('--device', device)).device).toBe(device);
      expect(await resumed('--device', device)).not.toHaveProperty('deviceWhy');
    }
    // with the device goes the engine that was chosen with it
    await writeFile(join(out, 'run.json'), JSON.stringify({ ...saved, device: 'cpu', executor: 'ggml' }));
    expect(await resumed()).toMatchObject({ device: 'cpu', executor: 'ggml' });
    for (const device of ['cpu', 'auto'])
      expect(await resumed('--device', device)).toMatchObject({ device, executor: 'ort' });
    await rm(out, { recursive: true });
  });

  it('takes a card of ggml for a device, and remembers it where a run goes on', async () => {
    expect(await config(...FILES, '--device', 'vulkan:1')).toMatchObject({
      ...{ device: 'auto', executor: 'ggml', card: 'vulkan:1' },
    });
    const named = ['--executor', 'ggml', '--card', 'RX 7900'];
    expect(await config(...FILES, ...named, '--device', 'cpu')).toMatchObject({
      device: 'cpu',
      card: 'RX 7900',
    });
    expect((await refusal(config(...FILES, '--device', 'vulcan'))).message).toContain('--device must be');
    const useless = await refusal(config(...FILES, '--card', 'RX 7900'));
    expect(useless.message).toBe('--card names a graphics card for ggml, and here ort computes.');
    const out = await mkdtemp(join(tmpdir(), 'fettle-card-'));
    const saved = { model: 'm', data: 'd', out, device: 'cpu', executor: 'ggml', card: 'Vulkan1' };
    await writeFile(join(out, 'run.json'), JSON.stringify(saved));
    expect(await config('--out', out, '--resume')).toMatchObject({ executor: 'ggml', card: 'Vulkan1' });
    expect(await config('--out', out, '--resume', '--executor', 'ort')).not.toHaveProperty('card');
    await rm(out, { recursive: true });
  });

  it('makes paths absolute', async () => {
    expect(await config(...FILES, '--eval-data', 'e', '--replay-data', 'r', '--replay', '0.1')).toMatchObject(
      {
        model: resolve('m'),
        data: resolve('d'),
        out: resolve('o'),
        evalData: resolve('e'),
        replayData: resolve('r'),
      },
    );
  });

  it('takes several data files: repeated flags, commas, or a list in a file; one stays a text', async () => {
    const files = ['--model', 'm', '--out', 'o'];
    const three = [resolve('a.csv'), resolve('b.jsonl'), resolve('c')];
    expect((await config(...files, '--data', 'a.csv', '--data=b.jsonl', '--data', 'c')).data).toEqual(three);
    expect((await config(...files, '--data', 'a.csv, b.jsonl,c')).data).toEqual(three);
    expect((await config(...files, '--data', 'd', '--eval-data', 'a.csv,b.jsonl')).evalData).toEqual(
      three.slice(0, 2),
    );
    const listed = await save('list.json', { data: ['a.csv', 'b.jsonl', 'c'] });
    expect((await config(...files, '--config', listed)).data).toEqual(three);
    expect((await config(...files, '--data', 'a.csv')).data).toBe(resolve('a.csv'));
    const comma = await save('one,two.csv', 'a,b\n');
    expect((await config(...files, '--data', comma)).data).toBe(comma);
  });

  it('keeps a mapping as it is written', async () => {
    const given = ['--map', 'prompt=a+b,answer=c', '--prompt-template', 'Sort: {a}', '--system', 'Be kind.'];
    expect(await config(...FILES, ...given)).toMatchObject({
      map: 'prompt=a+b,answer=c',
      promptTemplate: 'Sort: {a}',
      system: 'Be kind.',
    });
  });

  it('takes a whole saved run, and continues it with --resume', async () => {
    const first = await config(...FILES, '--seed', '7', '--out', folder, '--max-steps', '9');
    const file = await save('run.json', first);
    expect(await config('--config', file)).toStrictEqual(first);
    expect(await config('--resume', '--out', folder)).toStrictEqual(first);
    const other = await save('longer.json', { maxSteps: 20, seed: 8 });
    expect(await config('--resume', '--out', folder, '--config', other, '--seed', '9')).toStrictEqual({
      ...first,
      maxSteps: 20,
      seed: 9,
    });
  });

  it('lets a warm-up share by flag win over a saved number of steps', async () => {
    const file = await save('warm.json', { warmupSteps: 5 });
    const settled = await config(...FILES, '--config', file, '--warmup-ratio', '0.2');
    expect(settled.warmupRatio).toBe(0.2);
    expect(settled).not.toHaveProperty('warmupSteps');
    expect(await config(...FILES, '--config', file)).toMatchObject({ warmupSteps: 5 });
  });

  it('calls a wrong field by the name under which it was given', async () => {
    const file = await save('b.json', { lora: { rank: -1, dropuot: 0 }, beta1: 2, lr: 3 });
    const { code, message } = await refusal(
      config(...FILES, '--config', file, '--alpha', 'x', '--beta1', '3'),
    );
    expect(code).toBe('bad-config');
    expect(message.split('\n').sort()).toEqual([
      `"lora.rank" in ${file} must be a whole number from 1 to 4096; got -1.`,
      '--alpha must be a number from 0.001 to 65536; got "x".',
      '--beta1 must be a number from 0 to 0.999999; got 3.',
      `There is no setting "lora.dropuot" in ${file}. Did you mean "lora.dropout"?`,
      `There is no setting "lr" in ${file}. Did you mean "learningRate"?`,
    ]);
  });

  it('names flags in contradictions', async () => {
    const { message } = await refusal(
      config(...FILES, '--max-length', '512', '--tokens-per-micro-batch', '256'),
    );
    expect(message).toContain('lower --max-length or raise --tokens-per-micro-batch');
  });

  it('shows an example when something is missing', async () => {
    const { message, hint } = await refusal(config('--model', 'm'));
    expect(message).toContain('--data is missing');
    expect(message).toContain('--out is missing');
    expect(hint).toMatch(/^For example: fettle train --model .* --data .* --out /);
  });

  it('refuses LoRA flags for full fine-tuning', async () => {
    const { message } = await refusal(config(...FILES, '--method', 'full', '--rank', '4'));
    expect(message).toContain('--rank is for adapters');
    const file = await save('c.json', { lora: { rank: 4 } });
    expect(await config(...FILES, '--method', 'full', '--config', file)).toMatchObject({ method: 'full' });
  });

  it('refuses to resume without a folder or without a run in it', async () => {
    expect((await refusal(config('--resume'))).hint).toContain('--resume');
    const { code, message } = await refusal(config('--resume', '--out', join(folder, 'none')));
    expect(code).toBe('no-run');
    expect(message).toContain('run.json');
  });
});

describe('readSettings', () => {
  it.each([
    ['{"rank": 8', /is not JSON/],
    ['[1]', /must hold one JSON object of settings; it holds a list/],
    ['"text"', /must hold one JSON object of settings; it holds "text"/],
    ['null', /must hold one JSON object/],
  ])('refuses %s', async (content, message) => {
    expect((await refusal(readSettings(await save('bad.json', content)))).message).toMatch(message);
  });

  it('says when there is no such file', async () => {
    expect((await refusal(readSettings(join(folder, 'none.json')))).message).toContain('it does not exist');
  });

  it('reads a file with a byte-order mark', async () => {
    const path = await save('bom.json', '\uFEFF{"seed": 1}');
    expect((await readSettings(path)).settings).toEqual({ seed: 1 });
  });
});
