import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type {
  CallEvent,
  EngineEvent,
  EvalResult,
  GenerateResult,
  InspectResult,
} from '../../../common/protocol/protocol.ts';
import { runCommand } from '../../../main/cli/cli.ts';
import { inspectText } from '../../../main/cli/inspect.ts';
import { type FakeEngine, fakeFork } from '../../helpers/fake-engine.ts';
import { DONE, START, step } from './sample-events.ts';

const forked = vi.hoisted(() => vi.fn());
vi.mock('../../../main/runs/fork.ts', async (original) => ({
  ...(await original<object>()),
  forkFile: forked,
}));

// what it looks at is for a test of its own; here no engine looks at rows
vi.mock('../../../main/app/ruled.ts', () => ({ ruledFor: async () => ({}) }));

// with the number format named, no engine looks at the model
const FILES = ['--model', 'm', '--data', 'd', '--out', 'o', '--precision', 'f32'];

async function fettle(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const shown = { out: '', err: '' };
  const code = await runCommand(argv, {
    out: { write: (text: string) => (shown.out += text) },
    err: { write: (text: string) => (shown.err += text) },
  });
  return { code, ...shown };
}

/** Makes the engine say what `work` gives when it is told what to do, and end. A training's is started before it is told. */
function trainsBy(work: (engine: FakeEngine) => readonly unknown[]): FakeEngine[] {
  const { fork, engines } = fakeFork();
  forked.mockImplementation(() => {
    const engine = fork();
    const act = () => {
      for (const message of work(engine)) engine.say(message);
      engine.exit();
    };
    const send = (message: unknown) => {
      engine.send(message);
      if (/^(train|call)$/.test((message as FakeEngine['sent'][number]).command)) setImmediate(act);
    };
    return { ...engine, send };
  });
  return engines;
}

const trains = (...events: EngineEvent[]) => trainsBy(() => events.map((event) => ({ event })));
/** Makes it answer a call after `events`. */
const answers = (result: unknown, ...events: CallEvent[]) =>
  trainsBy(() => [...events.map((event) => ({ id: 1, event })), { id: 1, result }]);

describe('fettle train', () => {
  it('hands the settings to the engine and prints its events as JSON, each once', async () => {
    const engines = trains(START, step(1), DONE);
    const { code, out, err } = await fettle('train', ...FILES, '--rank', '4', '--json');
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event),
    ).toEqual(['start', 'step', 'done']);
    expect(err).toBe('');
    expect(engines).toHaveLength(1);
    expect(engines[0]!.sent).toEqual([
      { command: 'prepare', executor: 'ort', model: path.resolve('m') },
      expect.objectContaining({ command: 'train', resume: false, config: expect.anything() }),
    ]);
    expect(engines[0]!.sent[1]!.config).toMatchObject({ lora: { rank: 4, alpha: 8 } });
  });

  it('stops at the first interrupt before there is a step to finish', async () => {
    trainsBy(({ sent }) => {
      expect(sent.map(({ command }) => command)).toEqual(['prepare', 'train']);
      process.emit('SIGINT');
      expect(sent.map(({ command }) => command)).toEqual(['prepare', 'train', 'stop']);
      return [{ event: DONE }];
    });
    const { code, err } = await fettle('train', ...FILES);
    expect(code).toBe(0);
    expect(err).toContain('Stopping. Press Ctrl-C again to end at once.');
  });

  it('ends with 130 after a stop, saying how to go on', async () => {
    trains(START, {
      event: 'stopped',
      step: 4,
      steps: 300,
      checkpoint: 'c',
      resume: 'fettle train --resume',
    });
    const { code, out, err } = await fettle('train', ...FILES);
    expect(code).toBe(130);
    expect(out).toBe('');
    expect(err).toContain('  fettle train --resume\n');
  });

  it('turns an error into an event, a message with advice, and an exit code', async () => {
    const failed = { code: 'bad-row', message: 'd:3: expected an object.', hint: 'Mend the row.', stack: '' };
    trainsBy(() => [{ failed }]);
    const { code, out, err } = await fettle('train', ...FILES, '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toEqual({
      event: 'error',
      code: 'bad-row',
      message: 'd:3: expected an object.',
      hint: 'Mend the row.',
    });
    expect(err).toBe('error: d:3: expected an object.\nMend the row. See --map, --on-bad-row.\n');
  });

  it('leaves no signal listener behind', async () => {
    const before = process.listenerCount('SIGINT');
    trains(DONE);
    await fettle('train', ...FILES);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

const EVALUATED: EvalResult = {
  loss: 1.23456,
  perplexity: 3.43682,
  labelledTokens: 3210,
  rows: 60,
  tokens: 12_345,
  seconds: 10,
  tokensPerSecond: 1234.5,
};

describe('fettle eval', () => {
  const evaluates = () =>
    answers(
      EVALUATED,
      { event: 'phase', phase: 'load' },
      { event: 'warning', code: 'w', message: 'something' },
    );

  it('prints one object with --json, whatever the engine says meanwhile', async () => {
    const engines = evaluates();
    const { code, out, err } = await fettle('eval', '--model', 'm', '--data', 'd', '--json');
    expect(code).toBe(0);
    expect(engines[0]!.sent).toEqual([
      {
        command: 'call',
        id: 1,
        name: 'eval',
        input: expect.objectContaining({ maxLength: 1024 }),
        language: 'en',
      },
    ]);
    expect(out).toBe(`${JSON.stringify(EVALUATED)}\n`);
    expect(err).toBe('');
  });

  it('ends with 130 when it was stopped', async () => {
    const failed = { code: 'stopped', message: 'Stopped before it was done.', hint: '', stack: '' };
    trainsBy(({ sent }) => {
      process.emit('SIGINT');
      expect(sent.at(-1)).toEqual({ command: 'cancel', id: 1 });
      return [{ id: 1, failed }];
    });
    const { code, out, err } = await fettle('eval', '--model', 'm', '--data', 'd');
    const stopping = 'Stopping. Press Ctrl-C again to end at once.\n';
    expect([code, out, err]).toEqual([130, '', `${stopping}error: Stopped before it was done.\n`]);
  });

  it('says that the process which computes has died, and lives on', async () => {
    trainsBy((engine) => {
      engine.exit({ code: null, signal: 'SIGSEGV' });
      return [];
    });
    const { code, err } = await fettle('eval', '--model', 'm', '--data', 'd');
    expect([code, err]).toEqual([
      1,
      'error: The engine process was ended by SIGSEGV.\nGive the same command again.\n',
    ]);
  });

  it('prints a table for people, and progress beside it', async () => {
    evaluates();
    const { out, err } = await fettle('eval', '--model', 'm', '--data', 'd');
    expect(out).toContain('Loss        1.2346 (mean over 3,210 labelled tokens)\nPerplexity  3.437\n');
    expect(err).toBe('Loading the model\nwarning: something\n');
  });
});

describe('fettle generate', () => {
  const result: GenerateResult = {
    text: 'Hi there',
    ids: [1, 2],
    promptTokens: 5,
    newTokens: 2,
    tokensPerSecond: 9,
    stopReason: 'end',
  };

  it('streams the text to stdout', async () => {
    answers(result, { text: 'Hi ' }, { text: 'there' });
    const streamed = await fettle('generate', '--model', 'm', '--prompt', 'Hello');
    expect(streamed).toEqual({ code: 0, out: 'Hi there\n', err: '' });
    const { out } = await fettle('generate', '--model', 'm', '--prompt', 'Hello', '--json');
    expect(JSON.parse(out)).toEqual(result);
  });

  it('ends with 130 when it was stopped', async () => {
    answers({ ...result, stopReason: 'stopped' });
    expect((await fettle('generate', '--model', 'm', '--prompt', 'Hello')).code).toBe(130);
  });
});

const INSPECTED: InspectResult = {
  path: 'models/tiny',
  format: 'safetensors',
  family: 'llama',
  config: { layers: 2, hidden: 4096, 'rope scaling': 'linear', tied: true, window: null, eps: 1e-5 },
  parameters: 134_515_008,
  dtypes: [{ dtype: 'bf16', tensors: 2, parameters: 134_515_008, bytes: 269_030_016 }],
  files: [{ path: 'model.safetensors', bytes: 269_030_100 }],
  tensors: [
    { name: 'model.embed_tokens.weight', dtype: 'bf16', shape: [49152, 576] },
    { name: 'model.norm.weight', dtype: 'bf16', shape: [576] },
  ],
  tokenizer: { kind: 'BPE', vocabSize: 49_152, bos: '<s>', eos: null },
  template: '{{ messages }}',
  skills: [],
  licence: null,
};

describe('fettle inspect', () => {
  it('prints everything as JSON, and a table for people', async () => {
    const engines = answers(INSPECTED);
    expect(JSON.parse((await fettle('inspect', 'models/tiny', '--json')).out)).toEqual(INSPECTED);
    const { out } = await fettle('inspect', 'models/tiny');
    expect(engines[1]!.sent).toMatchObject([{ command: 'call', name: 'inspect', input: 'models/tiny' }]);
    expect(out.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'Path models/tiny',
      'Family llama (safetensors)',
      'Weights 135M in 2 tensors',
      ' bf16 135M in 2 tensors, 269 MB',
      'Files 1 file',
      ' 269 MB model.safetensors',
      'Shape',
      ' layers 2',
      ' hidden 4,096',
      ' rope scaling linear',
      ' tied yes',
      ' window none',
      ' eps 0.00001',
      'Tokenizer BPE, 49,152 tokens',
      ' begins with <s>',
      ' ends with nothing',
      'Chat template of 14 characters',
      'Licence not stated: look at where the model comes from',
      '',
    ]);
  });

  it('says why a tokenizer cannot be used', () => {
    const broken = { ...INSPECTED, tokenizer: null, template: null, tokenizerProblem: 'It is damaged.' };
    const text = inspectText(broken, { tensors: false, template: false });
    expect(text).toMatch(/^Tokenizer +It is damaged\.$/m);
    expect(text).toMatch(/^Chat +unknown without a tokenizer$/m);
  });

  it('lists tensors and the template on demand', () => {
    const text = inspectText(INSPECTED, { tensors: true, template: true });
    expect(text).toContain('model.embed_tokens.weight  bf16    [49152, 576]\n');
    expect(text.endsWith('\n\n{{ messages }}\n')).toBe(true);
  });

  it('shows names from a file without control characters', () => {
    const text = inspectText(
      { ...INSPECTED, licence: 'MIT\u001b[2J\nevil' },
      { tensors: false, template: false },
    );
    expect(text).toContain('MIT[2J evil');
  });
});
