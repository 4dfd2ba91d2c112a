/** What the integration tests share: a folder with a tiny model and rows, and the settings of runs on them. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { EngineEvent, EvalEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { type Ended, fettle } from '../helpers/fettle.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';

export interface Workspace {
  readonly model: string;
  readonly data: string;
  /** A path inside the workspace. */
  at(...names: string[]): string;
  remove(): void;
}

/** A new workspace with a Llama of 60,000 weights and 60 rows. */
export async function openWorkspace(): Promise<Workspace> {
  const { folder, remove } = temporaryFolder();
  const at = (...names: string[]) => path.join(folder, ...names);
  const model = await writeTinyModel(at('model'));
  return { model, data: writeRows(at('rows.jsonl'), tinyRows(60)), at, remove };
}

/** General material of a model's own, so that a comparison asks three questions instead of the bundled quiz's hundreds. */
export function writeGeneral(model: string): void {
  const items = ['one', 'two', 'three'].map((word) => ({
    ...{ id: word, topic: 'words', question: `say ${word}`, answers: [word], match: 'exact' },
  }));
  writeRows(path.join(model, 'quiz.jsonl'), items);
  writeRows(path.join(model, 'passages.jsonl'), [{ id: '0', topic: 't', text: 'One small text.' }]);
}

/** Forty pairs in a file of the workspace. */
export function writePairs({ at }: Pick<Workspace, 'at'>): string {
  const pair = (i: number) => ({ prompt: `Say ${i}`, chosen: `It is ${i}.`, rejected: `No ${i}, never.` });
  return writeRows(
    at('pairs.jsonl'),
    Array.from({ length: 40 }, (_, i) => pair(i)),
  );
}

/** Lengths and threads that every run on the tiny rows uses. */
export const SMALL = ['--max-length', '64', '--threads', '1'];

/** What is named where a test doesn't, or a rival of it: so nothing is left to rules, and nobody has to look for cards first. */
const FIXED: readonly (readonly [flag: string, rival: string, value: string])[] = [
  ['--device', '', 'cpu'],
  ['--precision', '', 'f32'],
  ['--learning-rate', '', '2e-4'],
  ['--epochs', '--max-steps', '3'],
  ['--warmup-ratio', '--warmup-steps', '0.03'],
  ['--gradient-accumulation', '', '1'],
  ['--weight-decay', '', '0'],
];

/** Arguments of a training run with JSON events. */
export function trainArgs({ model, data }: Workspace, out: string, ...more: string[]): string[] {
  const files = ['--model', model, '--data', data, '--out', out];
  const usual = ['--tokens-per-micro-batch', '128', '--rank', '4', '--no-assess', '--json'];
  return ['train', ...files, ...SMALL, ...usual, ...more, ...fixedBeside(more)];
}

/** Flags that `flags` don't name: with them the rules choose no rate, no passes and no steps. */
export function fixedBeside(flags: readonly string[]): string[] {
  const open = FIXED.filter(([flag, rival]) => !flags.includes(flag) && !flags.includes(rival));
  return open.flatMap(([flag, , value]) => [flag, value]);
}

/** The numbers of a run that must repeat to the bit, without the times and the memory. */
export function numbersOf(run: string): unknown[] {
  const lines = readFileSync(path.join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const event = JSON.parse(line) as StepEvent | EvalEvent;
    if (event.event === 'eval') return event;
    const { step, steps, epoch, loss, gradNorm, learningRate, tokens } = event;
    return { step, steps, epoch, loss, gradNorm, learningRate, tokens };
  });
}

/** The bytes of the adapter that a run has written. */
export function adapterOf(run: string): Buffer {
  return readFileSync(path.join(run, 'adapter', 'adapter_model.safetensors'));
}

/**
 * Runs `fettle` with `args` to the end, and copies the run in `out` to `left` after step `at`, while it goes on: that is what a kill at
 * that moment would have left. That a process is killed is for resume.test.ts, kill.test.ts and the campaign.
 */
export async function goingOn(
  args: readonly string[],
  out: string,
  at: number,
  left: string,
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  let isLeft = false;
  const onEvent = (event: EngineEvent) => {
    if (isLeft || event.event !== 'step' || event.step < at) return;
    isLeft = true;
    try {
      cpSync(out, left, { recursive: true });
    } catch {
      // a file got its name just then, and while this thread works nothing more is written
      rmSync(left, { recursive: true, force: true });
      cpSync(out, left, { recursive: true });
    }
    rmSync(path.join(left, '.lock'));
  };
  const ended = await fettle(args, { ...options, onEvent });
  expect(isLeft, ended.err).toBe(true);
  return ended;
}
