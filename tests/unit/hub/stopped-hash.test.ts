/** A file that is being hashed when its download is stopped is closed: hundreds of them would use up what a process may open. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { fileMatches } from '../../../main/hub/remote.ts';
import { openFiles, TELLS_OPEN_FILES } from '../../helpers/open-files.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

it.runIf(TELLS_OPEN_FILES)('leaves no file open', async () => {
  const file = path.join(folder, 'weights.bin');
  writeFileSync(file, Buffer.alloc(500_000));
  const remote = { path: 'weights.bin', bytes: 500_000, hash: { kind: 'sha256', value: '' } } as const;
  for (const moment of [() => {}, () => sleep(0), () => sleep(1)]) {
    const stop = new AbortController();
    const going = fileMatches(file, remote, stop.signal).catch((error: Error) => error.name);
    await moment();
    stop.abort();
    expect([false, 'AbortError']).toContain(await going);
  }
  await expect.poll(() => openFiles(file)).toEqual([]);
});
