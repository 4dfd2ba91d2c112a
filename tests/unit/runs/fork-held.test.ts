import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { forkFile } from '../../../main/runs/fork.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

it('ends with its process, also where a program that it started holds its stderr', async () => {
  // the program goes once nobody is at the other end of this
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const file = path.join(folder, 'engine.mjs');
  const held = `require('node:net').connect(${port}, '127.0.0.1').on('close', () => process.exit()).on('error', () => process.exit()).resume()`;
  writeFileSync(
    file,
    `import { spawn } from 'node:child_process';
     const held = spawn(process.execPath, ['-e', ${JSON.stringify(held)}], { stdio: ['ignore', 'ignore', 'inherit'] });
     process.once('message', () => { console.error('last words'); process.exit(3); });`,
  );
  const link = forkFile(file);
  const [guest] = await once(server, 'connection');
  link.send('end');
  try {
    const ending = await new Promise((resolve) => link.onExit(resolve));
    expect(ending).toMatchObject({ code: 3, stderr: 'last words' });
  } finally {
    guest.destroy();
    server.close();
  }
});
