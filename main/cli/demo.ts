/** `fettle demo`: the whole path on what is in the repository: check, plan, train, compare, export. */
import { mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseEvalConfig, parseGenerateConfig, parseRunConfig, type RunConfig } from '../engine/config.ts';
import type { DoneEvent, EngineEvent } from '../engine/protocol.ts';
import { internal } from '../errors.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { type Display, openDisplay } from './display.ts';
import { trainInProcess } from './engine-process.ts';
import { EXIT } from './exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from './flags.ts';
import { onInterrupt } from './interrupt.ts';
import { bytes, count, counted, duration, large, loss, rate } from './words.ts';

const RESOURCES = path.join(import.meta.dirname, '..', '..', 'resources');
const MODEL = path.join(RESOURCES, 'tiny-model');
const DATA = path.join(RESOURCES, 'samples', 'support-messages.jsonl');
const HELD_OUT = path.join(RESOURCES, 'samples', 'support-messages.held-out.jsonl');

export const command: Command = {
  usage: 'demo [flags]',
  about:
    'Trains a very small model, from random weights, to sort support messages; it needs nothing but this folder and about a minute. ' +
    'With --json it prints one event per line, the last one of the kind "demo".',
  examples: ['fettle demo'],
  flags: [JSON_FLAG, HELP_FLAG],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const json = args.values.get('json') === true;
  const display = openDisplay(streams, json);
  const interrupt = onInterrupt(() => display.note('Stopping. Press Ctrl-C again to end at once.'));
  const say = (text: string) => {
    if (!json) streams.out.write(`${text}\n`);
  };
  try {
    const demo = new Demo({
      display,
      say,
      stop: interrupt.stop,
      out: await mkdtemp(path.join(os.tmpdir(), 'fettle-demo-')),
    });
    const result = await demo.run();
    if (!result) return EXIT.interrupted;
    if (json) streams.out.write(`${JSON.stringify({ event: 'demo', ...result })}\n`);
    return result.learned && result.exportIsEqual ? EXIT.ok : EXIT.failed;
  } finally {
    display.close();
    interrupt.release();
  }
}

interface DemoParts {
  readonly display: Display;
  readonly stop: AbortSignal;
  /** A new folder for the run. */
  readonly out: string;
  say(text: string): void;
}

interface DemoResult {
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly learned: boolean;
  /** Whether the exported model, loaded again, has the loss of the trained one. */
  readonly exportIsEqual: boolean;
  readonly result: string;
}

class Demo {
  readonly #parts: DemoParts;
  readonly #config: RunConfig;
  readonly #io: { emit(event: EngineEvent): void; readonly stop: AbortSignal };

  constructor(parts: DemoParts) {
    this.#parts = parts;
    this.#config = demoConfig(path.join(parts.out, 'run'));
    this.#io = { emit: () => {}, stop: parts.stop };
  }

  /** All five parts; null when the person stopped it. */
  async run(): Promise<DemoResult | null> {
    this.#parts.say(
      'Fettle demo: a model of 62,000 random weights learns to sort support messages. A practice model that can',
    );
    this.#parts.say(
      'already talk does not exist yet; this one starts from nothing, so judge the path, not its wits.',
    );
    this.#check();
    await this.#plan();
    const question = await firstQuestion(HELD_OUT);
    const before = await this.#ask(MODEL, question.message);
    const done = await this.#train();
    if (!done) return null;
    const measured = await this.#compare(done, question, before);
    return await this.#export(done, measured);
  }

  #check(): void {
    const { say } = this.#parts;
    say('\n1. Check');
    say(
      `   ${os.cpus()[0]?.model.trim() ?? 'unknown processor'}: Fettle computes on ${counted(this.#config.threads, 'thread')} of it`,
    );
    say(
      `   ${bytes(os.freemem())} of ${bytes(os.totalmem())} memory free; Node ${process.versions.node} on ${process.platform} ${process.arch}`,
    );
  }

  async #plan(): Promise<void> {
    const { plan } = await import('../engine/session.ts');
    const { say } = this.#parts;
    const planned = await plan(this.#config, this.#io);
    const { rows, heldOutRows, tokens, labelledTokens, steps } = planned;
    const needed = planned.weightBytes + planned.stateBytes + planned.workingBytes;
    say('\n2. Plan');
    say(
      `   ${counted(rows, 'row')} to train on, ${count(heldOutRows)} held out; ${count(tokens)} tokens an epoch, ${count(labelledTokens)} of them answers`,
    );
    say(
      `   ${counted(steps, 'step')} of ${count(planned.rowsPerBatch)} x ${counted(planned.rowLength, 'token')}; ${large(planned.trainableParameters)} weights trained`,
    );
    say(
      `   memory, from the graph that will run: ${bytes(needed)} (weights and optimizer ${bytes(planned.weightBytes + planned.stateBytes)}, working ${bytes(planned.workingBytes)}), beside some 200 MB for the program`,
    );
    say(`   arithmetic: ${(planned.flopsPerBatch / 1e9).toFixed(1)} GFLOP a step`);
  }

  async #train(): Promise<DoneEvent | null> {
    const { say, display, stop } = this.#parts;
    say('\n3. Train');
    const end = await trainInProcess({
      config: this.#config,
      resume: false,
      stop,
      emit: (event) => display.show(event),
    });
    display.show(end);
    return end.event === 'done' ? end : null;
  }

  /** The held-out rows that were written in other words than the training rows, before and after. */
  async #compare(
    done: DoneEvent,
    question: Question,
    before: string,
  ): Promise<{ before: number; after: number }> {
    const { say } = this.#parts;
    const measured = { before: await this.#measure(MODEL), after: await this.#measure(done.result) };
    say('\n4. Compare');
    say(
      `   loss on 60 messages written independently: ${loss(measured.before)} before, ${loss(measured.after)} after`,
    );
    say(`   asked    ${oneLine(question.message)}`);
    say(`   before   ${oneLine(before)}`);
    say(`   after    ${oneLine(await this.#ask(done.result, question.message))}`);
    say(`   wanted   ${oneLine(question.answer)}`);
    return measured;
  }

  /** The export is the folder that training wrote; loading it again must give the loss that the run ended with. */
  async #export(done: DoneEvent, { before, after }: { before: number; after: number }): Promise<DemoResult> {
    const { say } = this.#parts;
    const again = await this.#measure(done.result, true);
    const exportIsEqual = done.heldOutLoss !== null && Math.abs(again - done.heldOutLoss) < 1e-5;
    const learned = after < before;
    say('\n5. Export');
    say(`   ${done.result} (Hugging Face folder, float32)`);
    say(
      `   loaded back: held-out loss ${again.toFixed(6)}, the run ended with ${done.heldOutLoss?.toFixed(6) ?? 'none'}: ${exportIsEqual ? 'equal' : 'NOT EQUAL'}`,
    );
    say(
      `\n${learned ? 'It learned' : 'It did not learn'}: ${counted(done.steps, 'step')} in ${duration(done.seconds)} at ${rate(done.trainedTokensPerSecond)}, with at most ${bytes(done.peakRssBytes)} of memory.`,
    );
    return { lossBefore: before, lossAfter: after, learned, exportIsEqual, result: done.result };
  }

  /** Loss on the independent rows, or on the part that the run held out. */
  async #measure(model: string, heldOutPart = false): Promise<number> {
    const { evaluate } = await import('../engine/session.ts');
    const { seed, heldOut, maxLength, tokensPerMicroBatch } = this.#config;
    const rows = heldOutPart ? { data: DATA, split: 'held-out', seed, heldOut } : { data: HELD_OUT };
    return (await evaluate(parseEvalConfig({ model, ...rows, maxLength, tokensPerMicroBatch }), this.#io))
      .loss;
  }

  async #ask(model: string, prompt: string): Promise<string> {
    const { generate } = await import('../engine/session.ts');
    const config = parseGenerateConfig({ model, prompt, maxNewTokens: 60 });
    return (await generate(config, { onText: () => {}, stop: this.#parts.stop })).text;
  }
}

function demoConfig(out: string): RunConfig {
  return parseRunConfig({
    model: MODEL,
    data: DATA,
    out,
    method: 'full',
    epochs: 4,
    learningRate: 5e-3,
    maxLength: 512,
    tokensPerMicroBatch: 2048,
    evalEvery: 100,
  });
}

interface Question {
  readonly message: string;
  readonly answer: string;
}

async function firstQuestion(file: string): Promise<Question> {
  const line = (await readFile(file, 'utf8')).split('\n', 1)[0] ?? '';
  const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
  const [message, answer] = ['user', 'assistant'].map(
    (role) => messages.find((turn) => turn.role === role)?.content,
  );
  if (message === undefined || answer === undefined) throw internal(`${file} has no question with an answer`);
  return { message, answer };
}

/** Text on one line, what cannot be printed as dots, not longer than a terminal's line. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an untrained model writes them
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '·');
  return clean.length > 90 ? `${clean.slice(0, 89)}…` : clean;
}
