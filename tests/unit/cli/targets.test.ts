/** `fettle targets`, with a computer behind `ssh` that says what it likes. */
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fettle } from '../../helpers/fettle.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe.skipIf(process.platform === 'win32')('targets test', () => {
  const lines = [
    'card\\tA100\\033]0;owned\\007\\033[2J\\r\\033[K, 81920',
    'cores\\t8',
    'python\\t3.12\\033[31m\\nMissing    nothing at all',
    'package\\ttorch\\t2\\2332K',
  ];
  const env = {
    PATH: `${folder}${path.delimiter}${process.env.PATH}`,
    FETTLE_HOME: path.join(folder, 'home'),
  };

  it('shows what a computer says of itself, and lets none of it reach the terminal’s controls', async () => {
    const ssh = path.join(folder, 'ssh');
    writeFileSync(ssh, `#!/bin/sh\nprintf '${lines.join('\\n')}\\n'\n`);
    chmodSync(ssh, 0o755);
    await fettle(['targets', 'add', 'far', '--ssh', 'far.example'], { env });
    const { out, err } = await fettle(['targets', 'test', 'far'], { env });
    expect(out).toContain('Cards      A100]0;owned[2J[K, ');
    expect(out + err).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});
