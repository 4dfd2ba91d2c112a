/** An export as a browser gets it: all of its files with their folders, also where the run's folder has moved, and none from outside of it. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunDetails } from '../../../common/api/contract.ts';
import { downloadOf } from '../../../main/app/downloads.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** A run with one export of such files, which then moves. */
function runWith(name: string, files: readonly string[]): RunDetails {
  const made = path.join(folder, name, 'made');
  for (const file of files) {
    mkdirSync(path.dirname(path.join(made, file)), { recursive: true });
    writeFileSync(path.join(made, file), `of ${file}`);
  }
  const out = path.join(folder, name, 'export');
  renameSync(made, out);
  const result = { out, files: files.map((file) => path.join(made, file)) };
  return { folder: path.join(folder, name), exports: [{ id: 'one', result }] } as unknown as RunDetails;
}

async function savedOf(run: RunDetails): Promise<Record<string, string>> {
  const { bytes, content } = await downloadOf(run, 'one');
  const pieces: Uint8Array[] = [];
  for await (const piece of content()) pieces.push(piece);
  const zip = Buffer.concat(pieces);
  expect(zip.length).toBe(bytes);
  return Object.fromEntries(
    Object.entries(unzipSync(zip)).map(([name, text]) => [name, Buffer.from(text).toString()]),
  );
}

describe('an export that a browser gets', () => {
  it.each([
    ['flat', ['config.json', 'model.safetensors']],
    ['with folders', ['config.json', 'onnx/model.onnx', '2_Dense/config.json', '2_Dense/model.safetensors']],
    ['of one file', ['model.onnx']],
  ])('has all of its files: %s', async (name, files) => {
    const saved = await savedOf(runWith(name, files));
    expect(saved).toEqual(Object.fromEntries(files.map((file) => [`export/${file}`, `of ${file}`])));
  });

  it('has nothing from outside of its folder', async () => {
    const run = runWith('hostile', ['config.json']);
    writeFileSync(path.join(run.folder, 'secret.json'), 'secret');
    const { result } = run.exports[0]!;
    const files = [path.join(run.folder, 'made/config.json'), path.join(run.folder, 'made/../secret.json')];
    const hostile = {
      ...run,
      exports: [{ id: 'one', result: { ...result, files } }],
    } as unknown as RunDetails;
    await expect(savedOf(hostile)).rejects.toMatchObject({ code: 'export-gone' });
  });
});
