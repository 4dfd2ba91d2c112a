/**
 * The entry of a fake Electron: `node --import hook.ts launch.ts main.js`. It evaluates the main script, is ready only then, and
 * shows the window's page to any browser: a browser cannot know app://, so a server on this computer asks its handler.
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { WebSocketServer } from 'ws';
import { acts } from './acts.ts';
import { app } from './app.ts';
import { ipcMain, portOver } from './messages.ts';
import { handlers } from './session.ts';

const PAGE = 'app://fettle/';
const [, , main = ''] = process.argv;

// until then nothing keeps the process alive: an entry that waits for `ready` ends it, as it would hang Electron
process.channel?.unref();
await import(pathToFileURL(main).href);
process.channel?.ref();

process.on('message', async ({ id, act, given }: { id: number; act: string; given: never }) => {
  try {
    process.send?.({ id, result: (await acts[act]?.(given)) ?? null });
  } catch (error) {
    process.send?.({ id, failed: String(error) });
  }
});
process.on('disconnect', () => process.exit(1));

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', PAGE);
  const answer = await handlers.get('app')?.({ url: url.href, method: request.method } as Request);
  if (!answer) return response.writeHead(503).end();
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
});
new WebSocketServer({ server }).on('connection', (socket) =>
  ipcMain.deliver('fettle:port', { url: PAGE, parent: null }, [portOver(socket)]),
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ listening: typeof address === 'object' ? address?.port : null });
  app.start();
});
