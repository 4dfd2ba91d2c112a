/** What Fettle quantises against the bytes that ggml's own quantisers make of the same values. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { firstOff } from '../../../../main/engine/export/read-back.ts';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import { LAYOUT_OF } from '../../../../main/engine/io/gguf-types.ts';
import {
  encodeGguf,
  GGUF_WRITE_TYPES,
  type GgufWriteType,
  writeGguf,
} from '../../../../main/engine/io/gguf-write.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { seeded } from '../../../helpers/random.ts';
import { GOLDEN, SHARED, temporaryFolder } from './fixtures.ts';

const REAL = join(SHARED, 'models/SmolLM2-135M-Instruct.Q4_1.gguf');
const BLOCKS = ['Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0'] as const;

/** The bytes of a tensor in a file. */
function bytesOf({ file, offset, bytes }: { file: string; offset: number; bytes: number }): Buffer {
  return readFileSync(file).subarray(offset, offset + bytes);
}

/** Values with blocks that are awkward: zeros, one sign, equal values, far apart, very small. */
function awkward(): Float32Array {
  const random = seeded(11);
  const blocks = [
    () => 0,
    () => random(),
    () => -random(),
    () => 0.75,
    (i: number) => (i === 7 ? -300 : random() - 0.5),
    () => (random() - 0.5) * 1e-6,
    (i: number) => (i % 2 === 0 ? 1 : -1),
    (i: number) => i - 16,
  ];
  return Float32Array.from(blocks.flatMap((make) => Array.from({ length: 32 }, (_, i) => make(i))));
}

describe('quantising', () => {
  it.each(BLOCKS)('to %s gives the bytes of ggml', async (type) => {
    const golden = await openSafetensors(join(GOLDEN, 'gguf', 'expected.safetensors'));
    const gguf = await openGguf(join(GOLDEN, 'gguf', 'tensors.gguf'));
    onTestFinished(() => Promise.all([golden.close(), gguf.close()]).then(() => {}));
    const name = type.toLowerCase();
    const source = await golden.readF32(`src.${name}`);
    expect(source.length).toBeGreaterThan(200);
    expect(Buffer.compare(encodeGguf(type, source), bytesOf(gguf.tensors.get(name)!))).toBe(0);
  });

  it.each(GGUF_WRITE_TYPES)('to %s is within a step of the values, in awkward blocks too', async (type) => {
    const values = awkward();
    const file = join(temporaryFolder(), 'x.gguf');
    await writeGguf(file, new Map(), [{ name: 'x', type, shape: [values.length], pieces: () => [values] }]);
    const gguf = await openGguf(file);
    onTestFinished(() => gguf.close());
    const found = await gguf.readF32('x');
    expect(firstOff(type, values, found)).toBe(-1);
    // the check itself must notice a value that is two steps off
    const wrong = found.slice();
    wrong[40] = wrong[40]! + (type === 'f32' ? 1e-7 : 0.3);
    expect(firstOff(type, values, wrong)).toBe(40);
  });

  it.skipIf(!existsSync(REAL))(
    'leaves what llama.cpp has quantised as it is (SmolLM2, in ../shared/models)',
    async () => {
      const gguf = await openGguf(REAL);
      onTestFinished(() => gguf.close());
      const rows = 4096 * 32;
      for (const name of ['blk.0.attn_q.weight', 'blk.17.ffn_down.weight', 'token_embd.weight']) {
        const tensor = gguf.tensors.get(name)!;
        const { blockBytes } = LAYOUT_OF.get(tensor.dtype)!;
        const bytes = encodeGguf(
          tensor.dtype as GgufWriteType,
          await gguf.readF32(name, { start: 0, end: rows }),
        );
        expect(bytes.length).toBe((rows / 32) * blockBytes);
        expect(Buffer.compare(bytes, bytesOf(tensor).subarray(0, bytes.length)), name).toBe(0);
      }
    },
  );
});
