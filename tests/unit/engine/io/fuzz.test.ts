import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import { readAdapter } from '../../../../main/engine/io/peft.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import type { TensorStore } from '../../../../main/engine/io/tensor-store.ts';
import { GOLDEN, seededRandom, temporaryFolder } from './fixtures.ts';

// A damaged file either reads (the damage hit a value) or fails with an error for people; it never hangs or crashes.

async function readAll(store: TensorStore): Promise<void> {
  try {
    for (const name of store.tensors.keys()) await store.readF32(name);
  } finally {
    await store.close();
  }
}

/** Overwrites one to four bytes, mostly within the first `headBytes`, where the structure is. */
function damage(whole: Uint8Array, headBytes: number, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(whole);
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const within = random() < 0.9 ? headBytes : bytes.length;
    bytes[Math.floor(random() * within)] = random() < 0.3 ? 255 : Math.floor(random() * 256);
  }
  return bytes;
}

const targets = [
  ['gguf/tensors.gguf', 1400, async (path: string) => readAll(await openGguf(path))],
  ['gguf/align64.gguf', 200, async (path: string) => readAll(await openGguf(path))],
  ['gguf/expected.safetensors', 1700, async (path: string) => readAll(await openSafetensors(path))],
  [
    'families/gpt2/adapter/adapter_model.safetensors',
    1950,
    async (path: string) => readAll(await openSafetensors(path)),
  ],
] as const;

test.each(targets)('damaged %s', async (name, headBytes, read) => {
  const random = seededRandom(20_240_601);
  const whole = readFileSync(join(GOLDEN, name));
  const path = join(temporaryFolder(), 'damaged');
  const outcomes = { read: 0, refused: 0 };
  for (let i = 0; i < 400; i++) {
    writeFileSync(path, damage(whole, headBytes, random));
    try {
      await read(path);
      outcomes.read++;
    } catch (error) {
      if (!(error instanceof AppError)) throw new Error(`case ${i} crashed`, { cause: error });
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(100);
});

test('damaged adapter configurations', async () => {
  const random = seededRandom(7);
  const source = join(GOLDEN, 'families/gpt2/adapter');
  const config = readFileSync(join(source, 'adapter_config.json'));
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'adapter_model.safetensors'),
    readFileSync(join(source, 'adapter_model.safetensors')),
  );
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    writeFileSync(join(folder, 'adapter_config.json'), damage(config, config.length, random));
    const error = await readAdapter(folder).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error !== null && !(error instanceof AppError))
      throw new Error(`case ${i} crashed`, { cause: error });
    if (error !== null) refused++;
  }
  expect(refused).toBeGreaterThan(100);
});
