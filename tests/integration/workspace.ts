/** What the integration tests share: a folder with a tiny model and rows, and the settings of runs on them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EvalEvent, StepEvent } from '../../common/protocol/protocol.ts';
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

/** Lengths and threads that every run on the tiny rows uses. */
export const SMALL = ['--max-length', '64', '--threads', '1'];

/** Arguments of a training run with JSON events. Its device is named where `more` does not, so that nobody has to look for cards first. */
export function trainArgs({ model, data }: Workspace, out: string, ...more: string[]): string[] {
  const files = ['--model', model, '--data', data, '--out', out];
  const usual = ['--tokens-per-micro-batch', '128', '--rank', '4', '--no-assess', '--json'];
  const device = more.includes('--device') ? [] : ['--device', 'cpu'];
  return ['train', ...files, ...SMALL, ...usual, ...device, ...more];
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
