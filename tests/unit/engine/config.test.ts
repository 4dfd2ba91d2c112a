import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { settingOf } from '../../../common/settings/table.ts';
import { closest, editDistance } from '../../../common/values.ts';
import {
  baseFormat,
  judgedIn,
  parseEvalConfig,
  parseGenerateConfig,
  parseRunConfig,
  plannedEvalEvery,
  plannedSteps,
  plannedWarmup,
  savedSettings,
} from '../../../main/engine/config/config.ts';
import { expected } from '../../../main/engine/config/parse.ts';
import { coresOfCpuinfo, physicalCores, usualThreads } from '../../../main/processes.ts';

const FILES = { model: 'm', data: 'd.jsonl', out: 'o' };

function errorOf(input: unknown): AppError {
  try {
    parseRunConfig(input);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected the configuration to be refused');
}

describe('parseRunConfig', () => {
  it('takes defaults from the fields that they depend on', () => {
    const full = parseRunConfig({ ...FILES, method: 'full', lora: { rank: 4 }, evalData: 'e.jsonl' });
    expect(full).toMatchObject({
      learningRate: 2e-5,
      weightDecay: 0.01,
      lora: { rank: 4, alpha: 8 },
      heldOut: 0,
    });
    expect(parseRunConfig(FILES).threads).toBeGreaterThanOrEqual(1);
  });

  it.each([
    [{}, 1024, 1024],
    [{ maxLength: 256 }, 256, 1024],
    [{ maxLength: 4096 }, 4096, 4096],
    [{ tokensPerMicroBatch: 512 }, 512, 512],
    [{ tokensPerMicroBatch: 4096 }, 1024, 4096],
  ])('fits rows into micro-batches: %j', (given, maxLength, tokensPerMicroBatch) => {
    expect(parseRunConfig({ ...FILES, ...given })).toMatchObject({ maxLength, tokensPerMicroBatch });
  });

  it.each([
    {},
    { method: 'full', maxSteps: 10, warmupSteps: 2, saveEverySteps: 5 },
    { lora: { targets: ['q_proj', 'v_proj'], rsLora: true }, evalData: 'e', epochs: 0.5, evalEvery: 7 },
  ])('parses a saved configuration back to itself: %j', (given) => {
    const config = parseRunConfig({ ...FILES, ...given });
    expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toStrictEqual(config);
  });

  it('names every wrong field at once, with what it accepts and what came', () => {
    const { code, message } = errorOf({
      model: 'm',
      lora: { rank: 0 },
      epochs: 'many',
      evalEvery: 1.5,
      out: '',
    });
    expect(code).toBe('bad-config');
    expect(message.split('\n').sort()).toEqual([
      '"data" is missing: files or folders with rows (.jsonl, .csv, .xlsx, .parquet, .txt, …).',
      '"epochs" must be a number from 0.001 to 100000; got "many".',
      '"evalEvery" must be auto or a whole number from 1 to 1000000000; got 1.5.',
      '"lora.rank" must be a whole number from 1 to 4096; got 0.',
      '"out" must be a text that is not empty; got "".',
    ]);
  });

  it.each([
    ['lr', 'learningRate'],
    ['learning_rate', 'learningRate'],
    ['rank', 'lora.rank'],
    ['lora_alpha', 'lora.alpha'],
    ['epohcs', 'epochs'],
  ])('suggests the setting that %s means', (key, meant) => {
    expect(errorOf({ ...FILES, [key]: 1 }).message).toBe(
      `There is no setting "${key}". Did you mean "${meant}"?`,
    );
  });

  it('suggests nothing for a word that means nothing', () => {
    expect(errorOf({ ...FILES, quetzalcoatl: 1 }).message).toBe('There is no setting "quetzalcoatl".');
    expect(errorOf({ ...FILES, lora: { alhpa: 1 } }).message).toContain('Did you mean "lora.alpha"?');
  });

  it('asks how much of the general rows to mix in', () => {
    expect(errorOf({ ...FILES, replayData: 'r.jsonl' }).message).toBe(
      '"replayData" needs "replay": set the share to mix in, such as 0.1.',
    );
    expect(parseRunConfig({ ...FILES, replayData: 'r.jsonl', replay: 0.1 }).replayData).toBe('r.jsonl');
  });

  it.each([[5], [null], [[]], ['text']])('refuses %j as a configuration', (input) => {
    expect(errorOf(input).message).toMatch(/^A configuration must be an object of settings; got /);
  });

  it('refuses an adapter that is no object, and numbers that JSON cannot hold', () => {
    expect(errorOf({ ...FILES, lora: 8 }).message).toBe('"lora" must be an object of settings; got 8.');
    expect(errorOf({ ...FILES, learningRate: Number.NaN }).message).toContain(
      '"learningRate" must be a number',
    );
    expect(errorOf({ ...FILES, maxGradNorm: Number.POSITIVE_INFINITY }).message).toContain('"maxGradNorm"');
  });

  it.each([
    [
      { maxLength: 2048, tokensPerMicroBatch: 1024 },
      /"tokensPerMicroBatch" is 1024, but "maxLength" is 2048/,
    ],
    [{ earlyStopping: 2, heldOut: 0 }, /"earlyStopping" needs held-out rows, but "heldOut" is 0/],
    [{ heldOut: 0.95 }, /"heldOut" must be a share from 0 to 0.9/],
    [{ heldOut: 20.5 }, /"heldOut" must be a share/],
  ])('refuses settings that contradict each other: %j', (given, message) => {
    expect(errorOf({ ...FILES, ...given }).message).toMatch(message);
  });

  it('takes a held-out part as a share or as a number of rows', () => {
    expect(parseRunConfig({ ...FILES, heldOut: 0.9 }).heldOut).toBe(0.9);
    expect(parseRunConfig({ ...FILES, heldOut: 200 }).heldOut).toBe(200);
  });
});

describe('parseEvalConfig and parseGenerateConfig', () => {
  it('fill in defaults', () => {
    expect(parseEvalConfig({ model: 'm', data: 'd', threads: 1 })).toMatchObject({
      split: 'all',
      maxLength: 1024,
      trainOn: 'answers',
      seed: 42,
    });
    expect(parseGenerateConfig({ model: 'm', prompt: '', threads: 1 })).toEqual({
      model: 'm',
      prompt: '',
      raw: false,
      maxNewTokens: 256,
      temperature: 0,
      topP: 1,
      topK: 0,
      seed: 42,
      threads: 1,
      executor: 'ort',
      device: 'auto',
    });
  });

  it('refuse what is out of range by the name they are given', () => {
    const name = (path: string) => `--${path}`;
    expect(() => parseGenerateConfig({ model: 'm', prompt: 'p', topP: 0 }, name)).toThrow(
      '--topP must be a number',
    );
    expect(() => parseEvalConfig({ model: 'm', data: 'd', split: 'half' }, name)).toThrow(
      '--split must be all or held-out; got "half".',
    );
  });
});

describe('the plan of a run', () => {
  it.each([
    [{ epochs: 3 }, 10, 30],
    [{ epochs: 0.25 }, 10, 3],
    [{ maxSteps: 100 }, 10, 100],
    [{ epochs: 3, maxSteps: 100 }, 10, 30],
    [{ epochs: 3, maxSteps: 7 }, 10, 7],
  ])('counts steps of %j', (given, stepsPerEpoch, steps) => {
    expect(plannedSteps(parseRunConfig({ ...FILES, ...given }), () => stepsPerEpoch)).toBe(steps);
  });

  it('counts warm-up steps, a number before a share', () => {
    expect(plannedWarmup({ warmupRatio: 0.03 }, 101)).toBe(4);
    expect(plannedWarmup({ warmupRatio: 0 }, 101)).toBe(0);
    expect(plannedWarmup({ warmupRatio: 0.5, warmupSteps: 7 }, 101)).toBe(7);
  });

  it.each([
    ['ten steps at least', 12, 1, {}, 10],
    ['four times an epoch', 101, 1, {}, 26],
    ['no more than 250 steps apart', 100_000, 20, {}, 250],
    ['for a tenth of the time, with a tenth of the rows', 101, 11, {}, 55],
    ['with larger steps, which the same rows take less of', 101, 22, { gradientAccumulation: 2 }, 55],
    ['with micro-batches in parts, of the size of an evaluation’s', 101, 22, { splitMicroBatch: 2 }, 55],
    ['once an epoch where there is more to measure than to train on', 101, 500, {}, 101],
    ['as told', 101, 500, { evalEvery: 3 }, 3],
  ])('evaluates %s', (_, stepsPerEpoch, batches, given, every) => {
    expect(plannedEvalEvery(parseRunConfig({ ...FILES, ...given }), stepsPerEpoch, batches)).toBe(every);
  });
});

describe('what a setting accepts', () => {
  it.each([
    ['schedule', 'constant, linear or cosine'],
    ['lora.targets', 'all-linear or a list of names'],
    ['packing', 'true or false'],
    ['seed', 'a whole number from 0 to 4294967295'],
  ])('is said in words: %s', (name, words) => {
    expect(expected(settingOf(name)!.type)).toBe(words);
  });
});

describe('closest', () => {
  it('measures edits, a swap of neighbours being one', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('rnak', 'rank')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
  });

  it('finds near words only', () => {
    expect(closest('epohcs', ['eps', 'epochs'])).toBe('epochs');
    expect(closest('xyz', ['epochs', 'rank'])).toBeUndefined();
  });
});

describe('usualThreads', () => {
  it('is one a core, and no more than a limit that makes sense', () => {
    const cores = physicalCores();
    expect(usualThreads({ OMP_NUM_THREADS: '1' })).toBe(1);
    for (const none of ['', '0', '-1', '1.5', '2,1', String(cores + 1)])
      expect(usualThreads({ OMP_NUM_THREADS: none }), none).toBe(cores);
  });

  it('is what Slurm gave the job, where nobody says it himself', () => {
    const cores = physicalCores();
    const whole = String(cores);
    expect(usualThreads({ SLURM_CPUS_PER_TASK: '1', SLURM_CPUS_ON_NODE: whole })).toBe(1);
    expect(usualThreads({ SLURM_CPUS_ON_NODE: '1' })).toBe(1);
    expect(usualThreads({ OMP_NUM_THREADS: whole, SLURM_CPUS_PER_TASK: '1' })).toBe(cores);
    expect(usualThreads({})).toBe(cores);
  });
});

describe('coresOfCpuinfo', () => {
  const cpu = (socket: number, core: number) =>
    `processor : 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

  it('counts cores of all sockets once, whatever threads they have', () => {
    expect(
      coresOfCpuinfo([cpu(0, 0), cpu(0, 1), cpu(0, 0), cpu(0, 1), cpu(1, 0), cpu(1, 0)].join('\n')),
    ).toBe(3);
  });

  it('knows nothing where cores are not named', () => {
    expect(coresOfCpuinfo('processor : 0\nBogoMIPS : 48\n')).toBe(0);
  });
});

describe('prompts to ask while training', () => {
  it('are one text or up to three, commas and all', () => {
    expect(parseRunConfig({ ...FILES, samplePrompts: 'Hello, you' }).samplePrompts).toEqual(['Hello, you']);
    expect(parseRunConfig({ ...FILES, samplePrompts: ['a', 'b', 'c'] }).samplePrompts).toHaveLength(3);
    expect(errorOf({ ...FILES, samplePrompts: ['a', 'b', 'c', 'd'] }).message).toContain('at most 3 prompts');
  });
});

describe('new tokens', () => {
  it('are one text or several, commas and all', () => {
    expect(parseRunConfig({ ...FILES, newTokens: '<a,b>' }).newTokens).toEqual(['<a,b>']);
    expect(parseRunConfig({ ...FILES, newTokens: ['<a>', '<b>'] }).newTokens).toEqual(['<a>', '<b>']);
  });

  it.each([
    [['<a>', '<b>', '<a>'], 'contains "<a>" twice'],
    [['<a> '], 'begin or end with spaces; got "<a> "'],
    [['x'.repeat(201)], 'at most 200 characters; got 201'],
    [Array.from({ length: 1025 }, (_, i) => `<${i}>`), 'at most 1024 tokens; got 1025'],
    [[''], 'newTokens'],
  ])('are refused: %#', (newTokens, message) => {
    expect(errorOf({ ...FILES, newTokens }).message).toContain(message);
  });
});

describe('how frozen weights are kept', () => {
  const format = (given: object) => baseFormat(parseRunConfig({ ...FILES, ...given }));
  const qlora = { method: 'qlora' };

  it.each([
    [{}, null],
    [{ bits: 16 }, 16],
    [{ method: 'full' }, null],
    [qlora, 'int4-dq'],
    [{ ...qlora, bits: 8 }, 'int8-dq'],
    [{ ...qlora, doubleQuant: false }, 'int4'],
    [{ ...qlora, quant: 'nf4' }, 'nf4-dq'],
    [{ ...qlora, quant: 'nf4', doubleQuant: false }, 'nf4'],
  ])('is told by %j: %s', (given, expectedFormat) => {
    expect(format(given)).toBe(expectedFormat);
  });

  it.each([
    ['auto', null, null],
    ['auto', 'int8-row', 'int8-row'],
    ['auto', 'int4', 'int4'],
    ['f32', 'int8-row', null],
    ['f32', 'int4', 'int4'],
    ['int8', null, 'int8-row'],
  ] as const)('judged in %s, trained in %s: %s', (precision, trainedIn, expected) => {
    expect(judgedIn(precision, trainedIn)).toBe(expected);
  });

  it('is not told where nothing is quantised, and a parsed configuration parses to itself', () => {
    expect(parseRunConfig(FILES)).not.toHaveProperty('doubleQuant');
    const config = parseRunConfig({ ...FILES, ...qlora, quant: 'nf4', doubleQuant: false });
    expect(parseRunConfig(config)).toEqual(config);
  });

  it('is float32 scales for runs that were saved before there were others', () => {
    expect(format(savedSettings({ ...qlora, bits: 4 }) as object)).toBe('int4');
    expect(format(savedSettings({ ...qlora, bits: 4, doubleQuant: true }) as object)).toBe('int4-dq');
    // before sheets could be named the first was read, and large files as a whole; a later run says what it read
    const older = { method: 'lora', sheet: 'first', inSections: false };
    expect(savedSettings({ method: 'lora' })).toEqual(older);
    const later = { method: 'lora', sheet: 'Tickets', inSections: true };
    expect(savedSettings(later)).toEqual(later);
    expect(parseRunConfig(FILES)).toMatchObject({ sheet: 'auto', inSections: true });
  });

  it.each(['cuda', 'dml'])('of a saved run on %s, which is gone, goes on on the processor', (device) => {
    const saved = savedSettings({ ...parseRunConfig(FILES), device }) as object;
    expect(parseRunConfig(saved).device).toBe('cpu');
    expect(savedSettings({ method: 'lora', device: 'webgpu' })).toMatchObject({ device: 'webgpu' });
  });

  it('is refused where nothing can compute with it', () => {
    expect(errorOf({ ...FILES, ...qlora, quant: 'nf4', device: 'webgpu' }).message).toContain(
      'nf4 needs the processor',
    );
    expect(errorOf({ ...FILES, ...qlora, quant: 'nf4', bits: 8 }).message).toContain('nf4 needs "bits" 4');
  });
});
