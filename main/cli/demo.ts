/** `fettle demo`: the whole path on what is in the repository: check, plan, train, compare, export. */
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseEvalConfig, parseGenerateConfig, parseRunConfig, type RunConfig } from '../engine/config.ts';
import type { DoneEvent, EngineEvent } from '../engine/protocol.ts';
import type { Arguments } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { type Answers, commonest, judged, oneLine, type Question, readQuestions } from './demo-answers.ts';
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
      questions: await readQuestions(HELD_OUT),
      out: await mkdtemp(path.join(os.tmpdir(), 'fettle-demo-')),
    });
    const result = await demo.run();
    if (!result) return EXIT.interrupted;
    if (json) streams.out.write(`${JSON.stringify({ event: 'demo', ...result })}\n`);
    return result.learned && result.exportIsEqual ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (interrupt.stop.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    display.close();
    interrupt.release();
  }
}

interface DemoParts {
  readonly display: Display;
  readonly stop: AbortSignal;
  readonly questions: readonly Question[];
  /** A new folder for the run. */
  readonly out: string;
  say(text: string): void;
}

interface DemoResult {
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly messages: number;
  readonly before: Answers;
  readonly after: Answers;
  /** Right answers of someone who always gives the commonest one. */
  readonly rightByGuessing: number;
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
      'Fettle demo: a model of 62,000 random weights is trained to sort support messages. A practice model that',
    );
    this.#parts.say(
      'can already talk does not exist yet; this one starts from nothing, so judge the path, not its wits.',
    );
    this.#check();
    await this.#plan();
    const done = await this.#train();
    if (!done) return null;
    const compared = await this.#compare(done);
    return await this.#export(done, compared);
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
      `   memory, from the graph that will run: ${bytes(needed)} (weights and optimizer ${bytes(planned.weightBytes + planned.stateBytes)}, working ${bytes(planned.workingBytes)}), beside the ${bytes(process.memoryUsage.rss())} that this program takes as it is`,
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

  /** Loss and answers before and after, on messages that were written independently of the training rows. */
  async #compare(done: DoneEvent): Promise<Compared> {
    const { say, questions } = this.#parts;
    say('\n4. Compare');
    const measured = { before: await this.#measure(MODEL), after: await this.#measure(done.result) };
    const answers = { before: await this.#answers(MODEL), after: await this.#answers(done.result) };
    const rightByGuessing = commonest(questions.map(({ answer }) => answer));
    const { before, after } = answers;
    say(
      `   loss on ${counted(questions.length, 'message')} written independently: ${loss(measured.before)} before, ${loss(measured.after)} after`,
    );
    say(
      `   answers in the form asked for: ${before.wellFormed} of ${questions.length} before, ${after.wellFormed} after`,
    );
    say(
      `   right answers: ${before.right} before, ${after.right} after; always giving the commonest one makes ${rightByGuessing}`,
    );
    say(`   asked    ${oneLine(questions[0]?.message ?? '')}`);
    say(`   before   ${oneLine(before.first)}`);
    say(`   after    ${oneLine(after.first)}`);
    say(`   wanted   ${oneLine(questions[0]?.answer ?? '')}`);
    return {
      lossBefore: measured.before,
      lossAfter: measured.after,
      messages: questions.length,
      before,
      after,
      rightByGuessing,
    };
  }

  async #answers(model: string): Promise<Answers> {
    const { questions, stop, display } = this.#parts;
    const texts: string[] = [];
    for (const { message } of questions) {
      stop.throwIfAborted();
      display.show({ event: 'phase', phase: 'evaluate', fraction: texts.length / questions.length });
      texts.push(await this.#ask(model, message));
    }
    display.close();
    return judged(questions, texts);
  }

  /** The export is the folder that training wrote; loading it again must give the loss that the run ended with. */
  async #export(done: DoneEvent, compared: Compared): Promise<DemoResult> {
    const { say } = this.#parts;
    const again = await this.#measure(done.result, true);
    const exportIsEqual = done.heldOutLoss !== null && Math.abs(again - done.heldOutLoss) < 1e-5;
    const learned = compared.lossAfter < compared.lossBefore;
    say('\n5. Export');
    say(`   ${done.result} (Hugging Face folder, float32)`);
    say(
      `   loaded back: held-out loss ${again.toFixed(6)}, the run ended with ${done.heldOutLoss?.toFixed(6) ?? 'none'}: ${exportIsEqual ? 'equal' : 'NOT EQUAL'}`,
    );
    for (const line of summary(done, compared, learned)) say(line);
    return { ...compared, learned, exportIsEqual, result: done.result };
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
    assess: false,
  });
}

type Compared = Omit<DemoResult, 'learned' | 'exportIsEqual' | 'result'>;

/** What happened, in plain words; all numbers measured. */
function summary(
  done: DoneEvent,
  { messages, after, rightByGuessing }: Compared,
  learned: boolean,
): string[] {
  const run = `${counted(done.steps, 'step')} in ${duration(done.seconds)} at ${rate(done.trainedTokensPerSecond)}, with at most ${bytes(done.peakRssBytes)} of memory`;
  if (!learned) return [`\nIt did not learn, and that is an error: ${run}.`];
  const meaning =
    after.right > messages / 2
      ? [`It files ${after.right} of ${messages} messages as they should be.`]
      : [
          `It knows now what an answer looks like, and hardly what a message means (${after.right} of ${messages} right, ${rightByGuessing} by`,
          'guessing): for that it takes a model that knew the language before. `fettle train --help` trains yours.',
        ];
  return [`\nIt learned: ${run}.`, ...meaning];
}
