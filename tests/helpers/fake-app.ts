/**
 * The pages over the fake API, served by the web host itself, so that a page that breaks the content policy breaks here. Run it to
 * look at the pages: `npm run build`, then `node tests/helpers/fake-app.ts [port]`.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ApiRouter } from '../../main/api/api.ts';
import type { Log } from '../../main/log.ts';
import { serve, type WebServer } from '../../main/serve/serve.ts';
import { type FakeWorld, fakeWorld } from './fake-api/world.ts';
import { FAKE_REPORT, fakeApi } from './fake-api.ts';

/** RENDERER names another built folder, so that a build that is under way does not get in the way. */
const RENDERER = process.env.RENDERER ?? path.resolve(import.meta.dirname, '../../dist/renderer');

export interface FakeAppOptions {
  readonly world: FakeWorld;
  /** The folder with the built pages. */
  readonly renderer?: string;
  readonly port?: number;
}

const log: Log = {
  file: '',
  note: () => {},
  failure(what, error) {
    console.error(what, error);
    return 'fake';
  },
  problem: (_what, problem) => problem,
};

/** A host over that world, on any free port where none is named. */
export function serveFake({ world, renderer = RENDERER, port = 0 }: FakeAppOptions): Promise<WebServer> {
  const router = fakeApi(world) as unknown as ApiRouter;
  const uploads = () => path.join(tmpdir(), 'fettle-fake-uploads');
  const page = Buffer.from(FAKE_REPORT);
  const download = async () => ({
    name: 'report.html',
    bytes: page.length,
    isPage: true,
    content: () => [page],
  });
  return serve({ router, log, renderer, uploads, download, port });
}

if (import.meta.filename === process.argv[1]) {
  const server = await serveFake({ world: fakeWorld(), port: Number(process.argv[2] ?? 4173) });
  console.log(server.link());
}
