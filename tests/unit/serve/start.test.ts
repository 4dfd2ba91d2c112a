/** A web host that cannot begin leaves nothing behind: no port that is listened to, no folder that is taken. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openWebApp } from '../../../main/serve/start.ts';
import { inHistory, withOwnHome } from '../../helpers/own-history.ts';

withOwnHome();

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

it('gives port and folder back where the jobs of before cannot be read', async () => {
  const renderer = path.join(process.env.FETTLE_HOME!, 'pages');
  mkdirSync(renderer, { recursive: true });
  writeFileSync(path.join(renderer, 'index.html'), '<h1>Fettle</h1>');
  const keep = (queue: unknown) => inHistory((store) => store.kept.set('queue', queue));
  const options = { renderer, port: await freePort(), notify: () => {} };
  await keep('no list of jobs');
  await expect(openWebApp(options)).rejects.toThrow();
  await keep([]);
  const app = await openWebApp(options);
  expect((await fetch(app.server.address)).status).toBe(200);
  await app.close();
});
