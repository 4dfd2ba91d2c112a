/** A real model on another computer: SmolLM2, a few steps, held against one process of PyTorch and against this engine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { fettle } from '../helpers/fettle.ts';
import { aloneLosses, furthest, lossesOf } from '../helpers/torch-there.ts';
import { trainArgs, type Workspace } from './workspace.ts';

const FILE = path.join(import.meta.dirname, '../../../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf');
/** Whether its file is here. */
export const hasSmolLM2 = existsSync(FILE);
/** As far as Fettle's engine may be from PyTorch's in its golden tests. */
const GOLDEN = 2e-5;
const STEPS = 4;

/** Arguments of `submit` and `train` for its run into `out`. */
export function smolArgs(workspace: Workspace, out: string): string[] {
  const settings = ['--max-steps', String(STEPS), '--gradient-accumulation', '2', '--precision', 'f32'];
  return trainArgs({ ...workspace, model: FILE }, out, ...settings).slice(1);
}

/** Expects the losses of the run in `out` to be those of one process, and of this engine. */
export async function expectSmolLosses(workspace: Workspace, out: string, python: string): Promise<void> {
  const there = lossesOf(out);
  expect(there).toHaveLength(STEPS);
  await fettle(['train', ...smolArgs(workspace, workspace.at('real-here'))]);
  const here = furthest(there, lossesOf(workspace.at('real-here')));
  const bundle = workspace.at('real-bundle');
  expect((await fettle(['submit', '--bundle-only', ...smolArgs(workspace, bundle)])).code).toBe(0);
  const alone = furthest(there, await aloneLosses(python, bundle));
  console.info(`SmolLM2 on two processes differs by ${alone} from one process, and by ${here} from Fettle`);
  expect(here).toBeLessThan(GOLDEN);
  expect(alone).toBeLessThan(1e-6);
}
