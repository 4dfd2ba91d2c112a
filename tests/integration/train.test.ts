/** Training from the command line, and that its results hold: measured again, loaded again, and refused when they must be. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  DoneEvent,
  EngineEvent,
  EvalResult,
  GenerateResult,
  InspectResult,
} from '../../common/protocol/protocol.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { doneOf, type Ended, fettle } from '../helpers/fettle.ts';
import { tinyRows, writeJson, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';
import { adapterOf, numbersOf, openWorkspace, SMALL, trainArgs, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const LEARN = ['--epochs', '8', '--learning-rate', '1e-2', '--eval-every', '10'];

/** The one JSON object that a command printed. */
function resultOf<T>({ code, out, err }: Ended): T {
  expect([code, err]).toEqual([0, '']);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(out) as T;
}

async function lossOf(...args: string[]): Promise<number> {
  return resultOf<EvalResult>(
    await fettle(['eval', '--data', workspace.data, '--split', 'held-out', ...SMALL, '--json', ...args]),
  ).loss;
}

function eventsOf<K extends EngineEvent['event']>(events: readonly EngineEvent[], kind: K) {
  return events.filter((event): event is Extract<EngineEvent, { event: K }> => event.event === kind);
}

describe('what nobody names', () => {
  it('is chosen by the rules of the plan, which come first in what is said; a whole file leaves nothing to them', async () => {
    const { model, data } = workspace;
    const out = workspace.at('ruled');
    const usual = ['--max-steps', '2', '--threads', '1', '--device', 'cpu', '--no-assess'];
    const begun = await fettle([
      'train',
      '--model',
      model,
      '--data',
      data,
      '--out',
      out,
      ...usual,
      '--rank',
      '4',
    ]);
    expect(begun.code).toBe(0);
    expect(begun.err).toMatch(/^Settings learning rate 1e-3, 1,024 tokens a step, warm-up 10%\n/);
    const file = path.join(out, 'run.json');
    const run = JSON.parse(readFileSync(file, 'utf8'));
    expect(run).toMatchObject({ learningRate: 1e-3, weightDecay: 0.1, maxSteps: 2, lora: { rank: 4 } });
    expect(run.tokensPerMicroBatch * run.gradientAccumulation).toBe(1024);

    const older = workspace.at('older.json');
    writeJson(older, { ...run, learningRate: 2e-4, warmupRatio: 0.03 });
    const again = workspace.at('again');
    const repeated = await fettle(['train', '--config', older, '--out', again]);
    expect([repeated.code, repeated.err.includes('Settings ')]).toEqual([0, false]);
    const kept = JSON.parse(readFileSync(path.join(again, 'run.json'), 'utf8'));
    expect({ ...kept, out }).toEqual({ ...run, learningRate: 2e-4, warmupRatio: 0.03 });
  });
});

describe('LoRA training', () => {
  let ended: Ended;
  let done: DoneEvent;
  let out: string;
  beforeAll(async () => {
    out = workspace.at('lora');
    ended = await fettle(
      trainArgs(workspace, out, ...LEARN, '--gradient-accumulation', '2', '--save-every-steps', '7'),
      { ownEngine: true },
    );
    done = doneOf(ended);
  });

  it('prints nothing but events, in the documented order', () => {
    expect([ended.code, ended.err]).toEqual([0, '']);
    const lines = ended.out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(ended.events);
    const kinds = ended.events.map(({ event }) => event);
    const start = kinds.indexOf('start');
    expect(new Set(kinds.slice(0, start))).toEqual(new Set(['phase']));
    expect(kinds.filter((kind) => kind === 'start')).toHaveLength(1);
    expect(new Set(kinds.slice(start + 1, -1))).toEqual(new Set(['phase', 'step', 'eval', 'checkpoint']));
    expect(kinds.at(-1)).toBe('done');
  });

  it('tells the facts of the run', () => {
    const [start] = eventsOf(ended.events, 'start');
    const steps = eventsOf(ended.events, 'step');
    expect(start).toMatchObject({
      ...{ model: workspace.model, family: 'llama', method: 'lora', out, executor: 'ort' },
      ...{ rows: 54, heldOutRows: 6, skippedRows: 0, truncatedRows: 0, stepsDone: 0, steps: steps.length },
    });
    // rank 4 on q, k, v, o, gate, up and down of two layers: 4 (inputs + outputs) each
    expect(start!.trainableParameters).toBe(2 * 4 * (128 + 96 + 96 + 128 + 176 + 176 + 176));
    expect(start!.labelledTokens).toBeLessThan(start!.tokens / 2);
    expect(start!.device).toBe('CPU, 1 thread');
  });

  it('counts steps, epochs, tokens and time', () => {
    const steps = eventsOf(ended.events, 'step');
    const [start] = eventsOf(ended.events, 'start');
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    for (const [i, step] of steps.entries()) {
      expect(step.epoch).toBeGreaterThan(steps[i - 1]?.epoch ?? 0);
      expect(step.tokens).toBeLessThanOrEqual(2 * 128);
      expect(step.rssBytes).toBeGreaterThan(1e7);
      expect(step.stepMs).toBeGreaterThan(0);
      expect(step.gradNorm).toBeGreaterThan(0);
      if (i > 0) expect(step.secondsLeft).toBeGreaterThanOrEqual(0);
    }
    expect(steps.at(-1)!.epoch).toBe(8);
    expect(steps.at(-1)!.secondsLeft).toBe(0);
    // the warm-up begins at rate 0, the cosine ends near it, and its highest value is the one asked for
    expect(steps[0]!.learningRate).toBe(0);
    expect(Math.max(...steps.map(({ learningRate }) => learningRate))).toBe(1e-2);
    expect(done.trainedTokens).toBe(8 * start!.tokens);
    expect(steps.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(done.trainedTokens);
  });

  it('ends with every field of the summary', () => {
    const evals = eventsOf(ended.events, 'eval');
    const steps = eventsOf(ended.events, 'step');
    expect(done).toEqual({
      event: 'done',
      steps: steps.length,
      reason: 'finished',
      trainedTokens: expect.any(Number),
      trainedTokensPerSecond: expect.any(Number),
      secondsToFirstStep: expect.any(Number),
      peakRssBytes: expect.any(Number),
      peakMemoryBytes: expect.any(Number),
      energy: { wattHours: expect.any(Number), isMeasured: expect.any(Boolean) },
      finalLoss: steps.at(-1)!.loss,
      heldOutLoss: Math.min(...evals.map(({ loss }) => loss)),
      heldOutLossBefore: evals[0]!.loss,
      bestStep: evals.findLast(({ best }) => best)!.step,
      seconds: expect.any(Number),
      stepSeconds: expect.any(Number),
      price: expect.objectContaining({ executor: 'ort', steps: steps.length }),
      out,
      result: path.join(out, 'adapter'),
    });
    expect(done.seconds).toBeGreaterThan(done.secondsToFirstStep!);
    expect(done.energy!.wattHours).toBeGreaterThan(0);
    expect(done.peakRssBytes).toBeGreaterThanOrEqual(steps[0]!.rssBytes);
    const { event: _, ...summary } = done;
    expect(JSON.parse(readFileSync(path.join(out, 'result.json'), 'utf8'))).toMatchObject(summary);
  });

  it('lowers the held-out loss', () => {
    expect(done.heldOutLoss).toBeLessThan(0.6 * done.heldOutLossBefore!);
    // random weights know less than nothing: they are wrong with confidence
    expect(done.heldOutLossBefore).toBeGreaterThan(Math.log(256));
  });

  it('keeps the two newest checkpoints and leaves nothing else behind', () => {
    expect(readdirSync(out).sort()).toEqual([
      'adapter',
      'checkpoints',
      'metrics.jsonl',
      'result.json',
      'run.json',
      'test-losses.json',
    ]);
    const checkpoints = readdirSync(path.join(out, 'checkpoints'));
    expect(checkpoints.filter((name) => name.startsWith('step-'))).toHaveLength(2);
    const last = eventsOf(ended.events, 'checkpoint').at(-1)!;
    expect(last.step).toBe(done.steps);
    expect(readFileSync(last.path)).toHaveLength(last.bytes);
  });

  it('is measured the same by eval, given the run or the adapter', async () => {
    expect(await lossOf('--model', workspace.model)).toBeCloseTo(done.heldOutLossBefore!, 6);
    expect(await lossOf('--model', workspace.model, '--adapter', out)).toBeCloseTo(done.heldOutLoss!, 6);
    expect(await lossOf('--model', workspace.model, '--adapter', done.result)).toBeCloseTo(
      done.heldOutLoss!,
      6,
    );
  });

  it('trains on no row that it holds out', async () => {
    const tokensOf = async (split: string) => {
      const files = ['--model', workspace.model, '--data', workspace.data];
      const measured = await fettle(['eval', ...files, '--split', split, ...SMALL, '--json']);
      return resultOf<EvalResult>(measured).tokens;
    };
    const [start] = eventsOf(ended.events, 'start');
    expect(start!.tokens).toBe((await tokensOf('all')) - (await tokensOf('held-out')));
  });

  it('shows in what the model says', async () => {
    const ask = async (...args: string[]) =>
      resultOf<GenerateResult>(
        await fettle([
          'generate',
          '--model',
          workspace.model,
          '--prompt',
          '2 cat 1',
          '--max-new-tokens',
          '24',
          '--threads',
          '1',
          '--json',
          ...args,
        ]),
      );
    const [before, after] = [await ask(), await ask('--adapter', out)];
    expect(after.text).not.toBe(before.text);
    expect(after.stopReason).toBe('end');
    expect(after.newTokens).toBe(after.ids.length);
    expect(after.text).toMatch(/^[a-z ]+$/);
  });
});

describe('full fine-tuning', () => {
  it.each(['llama', 'gpt2'] as const)(
    'of %s gives a folder that is measured and inspected like any model',
    async (family) => {
      const model = await writeTinyModel(workspace.at(`full-${family}`), family);
      const out = workspace.at(`full-${family}-run`);
      const args = [
        'train',
        '--model',
        model,
        '--data',
        workspace.data,
        '--out',
        out,
        ...SMALL,
        '--no-assess',
        '--json',
      ];
      const done = doneOf(
        await fettle([...args, '--tokens-per-micro-batch', '128', '--method', 'full', ...LEARN]),
      );
      expect(done.heldOutLoss).toBeLessThan(0.6 * done.heldOutLossBefore!);
      expect(await lossOf('--model', done.result)).toBeCloseTo(done.heldOutLoss!, 6);
      const [was, is] = [
        resultOf<InspectResult>(await fettle(['inspect', model, '--json'])),
        resultOf<InspectResult>(await fettle(['inspect', done.result, '--json'])),
      ];
      expect(is).toMatchObject({
        family,
        parameters: was.parameters,
        tokenizer: was.tokenizer,
        template: was.template,
        config: was.config,
      });
      const refused = await fettle(['eval', '--model', model, '--adapter', out, '--data', workspace.data]);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain(`Choose ${path.join(out, 'model')} as the model`);
    },
  );
});

describe('what computes', () => {
  it('does not change the numbers: plain loops give what onnxruntime gives', async () => {
    const losses = async (executor: string) => {
      const out = workspace.at(`by-${executor}`);
      const ended = await fettle(
        trainArgs(
          workspace,
          out,
          '--executor',
          executor,
          '--max-steps',
          '2',
          '--held-out',
          '4',
          '--warmup-steps',
          '0',
          '--learning-rate',
          '1e-2',
        ),
      );
      const { heldOutLoss, heldOutLossBefore } = doneOf(ended);
      return [heldOutLossBefore!, ...eventsOf(ended.events, 'step').map(({ loss }) => loss), heldOutLoss!];
    };
    const [reference, ort] = [await losses('reference'), await losses('ort')];
    expect(reference).toHaveLength(4);
    for (const [i, loss] of reference.entries()) expect(Math.abs(loss - ort[i]!)).toBeLessThan(1e-4);
    expect(reference.at(-1)).toBeLessThan(reference[0]! - 0.01);
  });
});

describe('rows', () => {
  const BAD = [...tinyRows(12), { question: 'no such field' }, ...tinyRows(3, 2)];
  const file = () => writeRows(workspace.at('bad.jsonl'), BAD);

  it('that are wrong end the run, which leaves its folder free', async () => {
    const out = workspace.at('bad');
    const args = [
      'train',
      '--model',
      workspace.model,
      '--data',
      file(),
      '--out',
      out,
      '--max-steps',
      '2',
      '--no-assess',
      ...SMALL,
    ];
    const { code, out: shown, err } = await fettle(args);
    expect([code, shown]).toEqual([3, '']);
    expect(err).toContain(`${workspace.at('bad.jsonl')}:13`);
    writeRows(workspace.at('bad.jsonl'), tinyRows(12));
    expect((await fettle(args)).code).toBe(0);
  });

  it('that are wrong are skipped and counted when that is asked for', async () => {
    const { events } = await fettle(
      trainArgs(
        { ...workspace, data: file() },
        workspace.at('skip'),
        '--on-bad-row',
        'skip',
        '--max-steps',
        '1',
      ),
    );
    expect(eventsOf(events, 'start')[0]).toMatchObject({
      ...{ skippedRows: 1, rows: 13, heldOutRows: 2, leftOut: { unreadable: 1, tooLong: 0, empty: 0 } },
    });
    expect(eventsOf(events, 'warning')[0]).toMatchObject({
      code: 'rows-skipped',
      message: expect.stringContaining('bad.jsonl:13'),
    });
  });

  it('that are too long are cut off and counted', async () => {
    const long = { prompt: 'short', completion: 'long '.repeat(40) };
    const data = writeRows(workspace.at('long.jsonl'), [...tinyRows(12), long]);
    const { events } = await fettle(
      trainArgs({ ...workspace, data }, workspace.at('long'), '--max-steps', '1'),
    );
    expect(eventsOf(events, 'start')[0]).toMatchObject({ truncatedRows: 1 });
    expect(eventsOf(events, 'warning')[0]).toMatchObject({
      code: 'rows-truncated',
      message: expect.stringContaining('64 tokens'),
    });
  });

  it('can be measured on in a file of their own', async () => {
    const evalData = writeRows(workspace.at('eval.jsonl'), tinyRows(9, 5));
    const out = workspace.at('eval-data');
    const done = doneOf(await fettle(trainArgs(workspace, out, '--eval-data', evalData, '--max-steps', '3')));
    const args = [
      'eval',
      '--model',
      workspace.model,
      '--adapter',
      out,
      '--data',
      evalData,
      ...SMALL,
      '--json',
    ];
    const measured = resultOf<EvalResult>(await fettle(args));
    expect(measured.rows).toBe(9);
    expect(measured.loss).toBeCloseTo(done.heldOutLoss!, 6);
  });
});

describe('a folder that holds a run', () => {
  let out: string;
  beforeAll(async () => {
    out = workspace.at('first');
    doneOf(await fettle(trainArgs(workspace, out, '--max-steps', '3')));
  });

  it('is not written over', async () => {
    const before = numbersOf(out);
    const adapter = adapterOf(out);
    const { code, events, err } = await fettle(trainArgs(workspace, out, '--max-steps', '3'));
    expect(code).not.toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'out-exists' });
    expect(err).toContain('--resume');
    expect(numbersOf(out)).toEqual(before);
    expect(adapterOf(out).equals(adapter)).toBe(true);
  });

  it('is not mixed with other files', async () => {
    const { events } = await fettle(trainArgs(workspace, workspace.model));
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      code: 'out-exists',
      message: `${workspace.model} is not empty.`,
    });
  });

  it('is not resumed by a run with other settings, which are named', async () => {
    const { code, err } = await fettle(['train', '--out', out, '--resume', '--rank', '8', '--seed', '7']);
    expect(code).not.toBe(0);
    expect(err).toContain('lora.rank was 4 and is now 8, seed was 42 and is now 7');
    // and it can still go on as it was
    expect((await fettle(['train', '--out', out, '--resume'])).code).toBe(0);
  });

  it('is not resumed on other rows, with another model or another template', async () => {
    const model = await writeTinyModel(workspace.at('model2'), 'llama');
    const data = writeRows(workspace.at('rows2.jsonl'), tinyRows(20));
    const own = workspace.at('second');
    doneOf(await fettle(trainArgs({ ...workspace, model, data }, own, '--max-steps', '2')));
    const resume = () => fettle(['train', '--out', own, '--resume']);

    writeRows(data, tinyRows(21));
    expect((await resume()).err).toContain('the rows have changed');
    writeRows(data, tinyRows(20));
    const config = path.join(model, 'tokenizer_config.json');
    const settings = JSON.parse(readFileSync(config, 'utf8'));
    writeJson(config, { ...settings, chat_template: settings.chat_template.replaceAll('\\n', ' ') });
    expect((await resume()).err).toContain('its tokenizer or chat template has changed');
    writeJson(config, settings);
    await writeTinyModel(model, 'mistral');
    expect((await resume()).err).toContain("the model's files have changed");
  });

  it('is needed to resume', async () => {
    const { code, err } = await fettle(['train', '--out', workspace.at('nowhere'), '--resume']);
    expect(code).toBe(2);
    expect(err).toContain('There is no run to resume');
    expect(existsSync(workspace.at('nowhere'))).toBe(false);
  });

  it('is left alone while another process works in it', async () => {
    const busy = workspace.at('busy');
    const [one, other] = await Promise.all(
      [1, 2].map(() => fettle(trainArgs(workspace, busy, '--max-steps', '5'), { ownEngine: true })),
    );
    const ends = [one!, other!].map(({ events }) => events.at(-1)!.event).sort();
    expect(ends).toEqual(['done', 'error']);
    expect(numbersOf(busy).filter((line) => (line as EngineEvent).event !== 'eval')).toHaveLength(5);
  });
});

describe('numbers that overflow', () => {
  it('end a run before they reach a checkpoint', async () => {
    const out = workspace.at('diverged');
    // each step multiplies the weights by 1 - 10 * 1: float32 holds that for less than 40 steps
    const { code, events } = await fettle(
      trainArgs(
        workspace,
        out,
        ...['--method', 'full', '--learning-rate', '10', '--weight-decay', '1', '--schedule', 'constant'],
        ...['--warmup-steps', '0', '--max-steps', '60', '--eval-every', '1000', '--save-every-steps', '1'],
      ).filter((arg, i, all) => arg !== '--rank' && all[i - 1] !== '--rank'),
    );
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      code: 'diverged',
      message: expect.stringMatching(
        /^Training became unstable at step \d+ and was stopped \((loss|gradient): /,
      ),
      hint: expect.stringContaining('lower learning rate'),
    });
    const saved = readdirSync(path.join(out, 'checkpoints')).filter((name) => name.startsWith('step-'));
    expect(saved).not.toEqual([]);
    for (const name of saved) {
      const file = await openSafetensors(path.join(out, 'checkpoints', name));
      for (const tensor of file.tensors.keys())
        expect((await file.readF32(tensor)).every(Number.isFinite), tensor).toBe(true);
      await file.close();
    }
    for (const line of numbersOf(out)) expect((line as EngineEvent & { event: 'step' }).loss).not.toBeNull();
  });

  it('of a damaged model are told, not printed', async () => {
    const model = await writeTinyModel(workspace.at('damaged'));
    const file = path.join(model, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length - 400);
    writeFileSync(file, bytes);
    const data = ['--data', workspace.data, ...SMALL];
    const trained = await fettle([
      'train',
      '--model',
      model,
      ...data,
      '--out',
      workspace.at('damaged-run'),
      '--no-assess',
    ]);
    expect(trained.err).toContain('computes invalid values before training (loss: NaN)');
    const measured = await fettle(['eval', '--model', model, ...data, '--json']);
    const said = await fettle(['generate', '--model', model, '--prompt', 'hi', '--json']);
    for (const { code, events } of [measured, said]) {
      expect(code).toBe(4);
      expect(events).toMatchObject([{ event: 'error', code: 'bad-model-weights' }]);
    }
  });
});

describe('an answer', () => {
  it('ends where the model reads no further', async () => {
    const ask = ['generate', '--model', workspace.model, '--prompt', 'hi', '--json'];
    const full = resultOf<GenerateResult>(await fettle([...ask, '--max-new-tokens', '1000']));
    // of 256 positions the last token said needs none
    expect(full.promptTokens + full.newTokens).toBe(257);
    expect(full.stopReason).toBe('length');
    const long = await fettle([...ask.with(4, 'x'.repeat(300)), '--max-new-tokens', '1']);
    expect(long.code).toBe(2);
    expect(long.err).toContain('This model reads at most 256');
  });
});

describe('what a person gets wrong', () => {
  it.each<[string, () => string[], number, string | RegExp]>([
    ['no model there', () => ['--model', workspace.at('missing')], 2, 'There is no model at'],
    ['a file that is no model', () => ['--model', workspace.data], 4, 'neither a folder nor a .gguf file'],
    ['a folder without config.json', () => ['--model', workspace.at()], 2, 'There is no config.json in'],
    ['no data there', () => ['--data', workspace.at('missing.jsonl')], 2, 'missing.jsonl'],
    [
      'an empty file',
      () => ['--data', writeRows(workspace.at('empty.jsonl'), [])],
      3,
      'empty.jsonl is empty',
    ],
    ['no JSON', () => ['--data', path.join(workspace.model, 'model.safetensors')], 3, /expected|not/],
    ['targets that no layer has', () => ['--targets', 'q_proj,c_attn'], 2, 'no linear layer called c_attn'],
    ['more rows held out than there are', () => ['--held-out', '60'], 2, 'none is left to train on'],
  ])('%s: says what is wrong, and leaves the folder free', async (name, args, code, words) => {
    const out = workspace.at(`wrong ${name}`);
    const given = trainArgs(workspace, out, '--max-steps', '1').filter((one) => one !== '--json');
    for (const [flag, value] of [args()] as [string, string][]) {
      const at = given.indexOf(flag);
      if (at < 0) given.push(flag, value);
      else given[at + 1] = value;
    }
    const ended = await fettle(given);
    expect(ended.err).toMatch(words);
    expect(ended.err).not.toMatch(/internal|bug|undefined|\bat .*\.ts/);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it('a model without a tokenizer, and conversations for a base model', async () => {
    const model = workspace.at('bare');
    await writeTinyModel(model, 'llama');
    const config = path.join(model, 'tokenizer_config.json');
    writeFileSync(config, '{}');
    const attempt = () =>
      fettle(['train', '--model', model, '--data', workspace.data, '--out', workspace.at('bare-run')]);
    const noTemplate = await attempt();
    expect(noTemplate.code).toBe(4);
    expect(noTemplate.err).toContain('chat template');
    rmSync(path.join(model, 'tokenizer.json'));
    const noTokenizer = await attempt();
    expect(noTokenizer.code).toBe(4);
    expect(noTokenizer.err).toContain('has no tokenizer');
  });

  it('an adapter of another model, or none', async () => {
    const out = workspace.at('first');
    const model = await writeTinyModel(workspace.at('smol'), 'smollm2');
    const other = await fettle(['eval', '--model', model, '--adapter', out, '--data', workspace.data]);
    expect(other.code).toBe(4);
    expect(other.err).toContain("doesn't fit this model");
    const none = await fettle([
      'eval',
      '--model',
      model,
      '--adapter',
      workspace.at('nothing'),
      '--data',
      workspace.data,
    ]);
    expect(none.code).toBeGreaterThan(0);
    expect(none.err).toContain(workspace.at('nothing'));
  });
});
