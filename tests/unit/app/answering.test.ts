/** The one model that is served: whoever starts and stops it at the same time, nothing goes on that nobody can end. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { LocalModel } from '../../../common/api/contract.ts';
import { ServedModel } from '../../../main/app/answering.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';
import { modelAt } from '../store/made-up.ts';

let at: TestParts;
afterEach(() => at.remove());

it('is one, also where two are started at once, and ends', async () => {
  at = await testParts();
  const file = path.join(at.folder, 'model.gguf');
  writeFileSync(file, '');
  at.store.models.save(modelAt(file));
  const [{ id: modelId }] = at.store.models.list() as [LocalModel];
  const going = new Set<AbortSignal>();
  const serve = (_name: string, _input: unknown, { signal }: { signal?: AbortSignal }) =>
    new Promise((_, reject) => {
      going.add(signal!);
      signal!.addEventListener('abort', () => {
        going.delete(signal!);
        reject(signal!.reason);
      });
    });
  const served = new ServedModel({ store: at.store, engine: { serve } as never });
  await Promise.all([served.start({ modelId }), served.start({ modelId })]);
  await expect.poll(() => going.size).toBe(1);
  await served.stop();
  expect(going.size).toBe(0);
});
