/** What lies on the disk is held against what should: one wrong value anywhere is found and named. */
import { afterAll, describe, expect, it } from 'vitest';
import { readBack } from '../../../../main/engine/export/read-back.ts';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import { GGUF_WRITE_TYPES, writeGguf } from '../../../../main/engine/io/gguf-write.ts';
import { noise } from '../../../helpers/graphs.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const values = noise(2 * 64, 5);
const stop = new AbortController().signal;

describe.each(GGUF_WRITE_TYPES)('a tensor of %s', (type) => {
  it('is taken as written, and not with one value of another', async () => {
    const file = `${folder}/${type}.gguf`;
    const tensor = { name: 'w', type, shape: [2, 64], pieces: () => [values] };
    await writeGguf(file, new Map([['general.architecture', { type: 'string', value: 'llama' }]]), [tensor]);
    const store = await openGguf(file);
    try {
      expect(await readBack(store, [tensor], { stop })).toBe(1);
      const other = values.slice();
      other[70]! += 1;
      const halves = [other.subarray(0, 64), other.subarray(64)];
      const attempt = readBack(store, [{ ...tensor, pieces: () => halves }], { stop });
      await expect(attempt).rejects.toMatchObject({ code: 'export-damaged' });
      await expect(attempt).rejects.toThrow('value 70 of w is');
    } finally {
      await store.close();
    }
  });
});
