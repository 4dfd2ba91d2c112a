/** What of an export that was cut off may be replaced, and what of a person may not. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { planTarget } from '../../../../main/engine/export/export-job.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const at = (name: string) => path.join(folder, name);
const plan = () => planTarget(at('made.gguf'), 'model', true);

it('goes on where a Modelfile is left without its model', async () => {
  writeFileSync(at('made.Modelfile'), '# Made by Fettle. To use it: ollama create NAME -f Modelfile\n');
  writeFileSync(at('made.README.md'), 'Weights: f16. Made with Fettle.\n');
  await expect(plan()).resolves.toMatchObject({ isFile: true });
  writeFileSync(at('made.gguf'), 'GGUF');
  await expect(plan()).rejects.toThrow('is there already');
  rmSync(at('made.gguf'));
});

it('refuses what a person has written there', async () => {
  writeFileSync(at('made.Modelfile'), 'FROM llama3\n');
  await expect(plan()).rejects.toThrow('made.Modelfile is there already');
});
