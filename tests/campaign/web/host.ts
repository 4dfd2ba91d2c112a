/** Attacks on the web host: its server with a real store, behind it nothing that answers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apiRouter } from '../../../main/api/api.ts';
import { serve } from '../../../main/serve/serve.ts';
import { refused, testParts } from '../../helpers/test-parts.ts';
import { originOf, sessionWith } from '../../helpers/web-client.ts';
import { floods, messages } from './connections.ts';
import { DOORS, PATIENCE_MS, SECRET, type Target } from './doors.ts';
import { type Case, failuresOf, malformedCases, request, send } from './raw.ts';
import { hosts, origins, paths, tokens, uploads } from './requests.ts';

export async function attackHost(): Promise<{ cases: number; outcome: string; failures: string[] }> {
  const refuse = async () => {
    throw refused();
  };
  const opened = await testParts({ allowed: { open: refuse, read: refuse, write: refuse } });
  const pages = path.join(opened.folder, 'pages');
  mkdirSync(path.join(pages, 'assets'), { recursive: true });
  writeFileSync(path.join(pages, 'index.html'), '<h1>Fettle</h1>');
  writeFileSync(path.join(opened.folder, 'secret.txt'), SECRET);
  const server = await serve({
    router: apiRouter(opened.parts, opened.log),
    log: opened.log,
    port: 0,
    patienceMs: PATIENCE_MS,
    renderer: pages,
    uploads: () => path.join(opened.folder, 'uploads'),
    download: refuse,
  });
  const { cookie, key } = await sessionWith(server);
  const origin = originOf(server);
  const target: Target = {
    opened,
    server,
    port: server.port,
    page: { host: new URL(origin).host, origin, cookie, key },
  };
  try {
    const cases = [
      hosts,
      origins,
      tokens,
      paths,
      uploads,
      messages,
      ({ port }: Target) => malformedCases(port),
      floods,
    ].flatMap((make) => make(target));
    const failures = await failuresOf([...cases, alive(target)]);
    return {
      cases: cases.length + 1,
      outcome: `${cases.length + 1 - failures.length} as they should`,
      failures,
    };
  } finally {
    await server.close();
    opened.remove();
  }
}
/** After all that: the page comes, a session holds, and the log has no fault but messages that were none. */
function alive(target: Target): Case {
  return {
    what: 'afterwards',
    async run() {
      const page = await send(target.port, request('GET', '/', [['Host', target.page.host]]));
      const upload = await send(target.port, DOORS['an upload']!(target, {}));
      if (page.status !== 200 || upload.status !== 200)
        return `answered with ${page.status} and ${upload.status}`;
      const faults = target.opened.logged.filter(
        (line) => !/^(a message of a page|a connection ended|a page opened)/.test(line),
      );
      return faults.length === 0 ? null : `the log has ${faults.length} faults: ${faults[0]}`;
    },
  };
}
