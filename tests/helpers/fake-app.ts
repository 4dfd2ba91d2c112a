/**
 * The pages over the fake API, served by the web host itself, so that a page that breaks the content policy breaks here. Run it to
 * look at the pages: `npm run build`, then `node tests/helpers/fake-app.ts [port]`.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ApiRouter } from '../../main/api.ts';
import type { Log } from '../../main/log.ts';
import { serve, type WebServer } from '../../main/serve.ts';
import type { FakeWorld, WorldOptions } from './fake-api/world.ts';
import { fakeApi } from './fake-api.ts';

/** RENDERER names another built folder, so that a build that is under way does not get in the way. */
const RENDERER = process.env.RENDERER ?? path.resolve(import.meta.dirname, '../../dist/renderer');

export interface FakeAppOptions {
  /** The folder with the built pages. */
  readonly renderer?: string;
  readonly port?: number;
  readonly world?: WorldOptions;
  /** Alters the world before it is used. */
  readonly change?: (world: FakeWorld) => void;
}

const log: Log = {
  file: '',
  note: () => {},
  failure(what, error) {
    console.error(what, error);
    return 'fake';
  },
};

/** A host with a world of its own, on any free port where none is named. */
export function serveFake({
  renderer = RENDERER,
  port = 0,
  world,
  change,
}: FakeAppOptions = {}): Promise<WebServer> {
  const router = fakeApi(change, world) as unknown as ApiRouter;
  return serve({ router, log, renderer, uploads: () => path.join(tmpdir(), 'fettle-fake-uploads'), port });
}

if (import.meta.filename === process.argv[1]) {
  const server = await serveFake({ port: Number(process.argv[2] ?? 4173) });
  console.log(server.link());
}
