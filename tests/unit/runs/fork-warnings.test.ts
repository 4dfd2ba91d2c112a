/** An engine's last words are its own: not what Node says of the experimental parts that it uses. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { forkFile } from '../../../main/runs/fork.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

it('hides warnings of experimental parts, and no others', async () => {
  const { folder, remove } = temporaryFolder();
  const file = path.join(folder, 'warns.mjs');
  const warn = (kind: string) => `process.emitWarning('about ${kind}', '${kind}');`;
  writeFileSync(file, `${warn('ExperimentalWarning')} ${warn('MemoryWarning')} process.disconnect();`);
  const link = forkFile(file);
  const ending = await new Promise((resolve) => link.onExit(resolve));
  remove();
  expect(ending).toMatchObject({ code: 0, stderr: expect.stringContaining('about MemoryWarning') });
  expect(ending).not.toMatchObject({ stderr: expect.stringContaining('about ExperimentalWarning') });
});
