/** The messages of a page, as the web host's WebSocket and the window's port hand them to the API. */
import { RPCHandler } from '@orpc/server/bun-ws';
import { apiRouter } from '../../../main/api/api.ts';
import * as extras from '../../extras/fuzz.ts';
import { refused, testParts } from '../../helpers/test-parts.ts';
import { type ExtraFuzz, type Reader, RUN, type Seed, TRAIN } from './reader.ts';

/** Calls as pages make them: the procedure and its input. */
const CALLS: Readonly<Record<string, unknown>> = {
  '/host/info': undefined,
  '/settings/get': undefined,
  '/settings/set': {
    theme: 'dark',
    proxy: 'http://127.0.0.1:1',
    offline: true,
    hubMirror: 'https://mirror.example',
  },
  '/models/list': undefined,
  '/models/search': { query: 'llama' },
  '/models/add': { path: '/models/x' },
  '/models/inspect': { id: 'm' },
  '/files/browse': { path: '/' },
  '/files/keep': { name: 'a.txt', content: 'some rows' },
  '/files/open': { what: 'data', paths: ['/data'] },
  '/data/look': { paths: ['/data/rows.jsonl'], sheet: 'first' },
  '/data/preview': { data: { paths: ['/data/rows.jsonl'] }, modelId: 'm', count: 3 },
  '/plan/figures': TRAIN,
  '/plan/propose': { ...TRAIN, goal: 'sort' },
  '/jobs/train': { request: TRAIN },
  '/runs/list': { search: 'a', states: ['done'], sort: 'name', descending: true, offset: 0, limit: 10 },
  '/runs/get': { id: RUN },
  '/runs/curves': { id: RUN, points: 100 },
  '/runs/update': { id: RUN, name: 'x', notes: 'y', tags: ['z'] },
  '/runs/delete': { ids: [RUN] },
  '/runs/compare': { ids: [RUN, RUN] },
  '/runs/log': { id: RUN, search: 'a', offset: 0, limit: 10 },
  '/runs/bundle': { id: RUN, out: '/tmp/x' },
  '/chat/ask': {
    of: { runId: RUN },
    which: ['after'],
    messages: { after: [{ role: 'user', content: 'Hi' }] },
    maxNewTokens: 4,
  },
  '/runs/classify': { runId: RUN, paths: ['/data/rows.jsonl'], askBelow: 0.5 },
  '/runs/judge': { round: 'r', choices: ['first', 'bad'] },
  '/jobs/export': { runId: RUN, as: 'gguf', type: 'q8_0', adapterOnly: false, name: 'Rooms' },
  '/data/rows': { data: { paths: ['/data/rows.jsonl'] }, from: 0, count: 10 },
  '/data/more': { data: { paths: ['/data/rows.jsonl'] } },
  '/data/edit': {
    data: { paths: ['/data/rows.jsonl'] },
    changes: [{ row: 0, turns: [{ role: 'user', content: 'Hi' }] }],
    added: [{ kind: 'text', turns: [{ role: 'text', content: 'x' }] }],
  },
  '/drafts/list': undefined,
  '/drafts/save': { content: { name: 'x', step: 'data', goal: 'sort', settings: { learningRate: 1 } } },
  '/conversations/list': undefined,
  '/conversations/save': {
    content: {
      ...{ name: 'Hi', of: { modelId: 'm' }, system: '', who: 'both', temperature: 0, maxNewTokens: 9 },
      turns: [
        {
          ...{ user: 'Hi', by: 'Tiny', before: null },
          after: { text: 'Hello', state: 'done', done: null, problem: null },
        },
      ],
    },
  },
  '/conversations/get': { id: 'c' },
  '/targets/list': undefined,
  '/targets/add': { name: 'far', kind: 'ssh', host: 'me@far.example', port: 22, folder: '.fettle', gpus: 2 },
  '/targets/remove': { name: 'far' },
  '/endpoint/start': { of: { modelId: 'm' } },
  ...Object.assign({}, ...Object.values<ExtraFuzz>(extras).map(({ calls }) => calls)),
};

/** What a test's stand-in says where it is asked: it stands for a part that would refuse. */
const STAND_IN = /is not part of this test/;
/** The status of an answer. */
const REFUSAL = /"s":4\d\d/;

export const apiReader: Reader = {
  name: 'api messages',
  async open() {
    const refuse = async () => {
      throw refused();
    };
    const opened = await testParts({ allowed: { open: refuse, read: refuse, write: refuse } });
    const failures: unknown[] = [];
    const log = {
      ...opened.log,
      failure: (_: string, error: unknown) => {
        if (!STAND_IN.test(String(error))) failures.push(error);
        return 'abc123';
      },
    };
    const handler = new RPCHandler(apiRouter(opened.parts, log));
    const seeds = Object.entries(CALLS).map(([url, json], i): Seed => {
      const message = { i: String(i + 1), p: { u: url, b: { json, meta: [] } } };
      return {
        name: url.slice(1).replace('/', '.'),
        kind: 'json',
        bytes: Buffer.from(JSON.stringify(message)),
      };
    });
    return {
      seeds,
      async read(bytes) {
        const sent: string[] = [];
        const peer = { send: (message: string) => sent.push(String(message)) } as never;
        // a message that is none ends the connection (main/serve/guard.ts)
        const isTaken = await handler.message(peer, Buffer.from(bytes).toString('utf8')).then(
          () => true,
          () => false,
        );
        handler.close(peer);
        const [failure] = failures.splice(0);
        if (failure !== undefined) throw failure;
        if (!isTaken || sent.some((message) => REFUSAL.test(message))) throw refused();
      },
      async close() {
        opened.remove();
      },
    };
  },
};
