/** Full fine-tuning on two threads where Node's interface for native code refuses memory that threads share, as before 22.21 and 24.9. */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { fettle } from '../helpers/fettle.ts';
import { numbersOf, openWorkspace, type Workspace } from './workspace.ts';

/** Of more weights than one thread updates alone. */
const MODEL = path.resolve(import.meta.dirname, '../../resources/practice-model');

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => workspace.remove());

/** Makes onnxruntime refuse such memory; gives how often it was offered. */
function refuseSharedMemory(): { readonly offered: number } {
  const seen = { offered: 0 };
  const { prototype } = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
  const run = prototype.run as (...given: readonly object[]) => Promise<ort.InferenceSession.ReturnType>;
  const refusing = async function (this: ort.InferenceSession, ...given: readonly object[]) {
    for (const tensor of given.flatMap((tensors) => Object.values(tensors))) {
      if (!(tensor?.data?.buffer instanceof SharedArrayBuffer)) continue;
      seen.offered++;
      throw new Error('Invalid argument');
    }
    return await run.apply(this, [...given]);
  };
  vi.spyOn(prototype, 'run').mockImplementation(refusing as never);
  return seen;
}

/** The numbers of two steps with all weights. */
async function trained(out: string): Promise<unknown[]> {
  const files = ['--model', MODEL, '--data', workspace.data, '--out', out];
  const usual = ['--method', 'full', '--threads', '2', '--max-steps', '2', '--max-length', '64'];
  const { code, err } = await fettle(['train', ...files, ...usual, '--no-assess', '--device', 'cpu']);
  expect(code, err).toBe(0);
  return numbersOf(out);
}

it('trains there, to the same numbers', async () => {
  const shared = await trained(workspace.at('shared'));
  const seen = refuseSharedMemory();
  expect(await trained(workspace.at('refused'))).toEqual(shared);
  expect(seen.offered).toBe(1);
});
