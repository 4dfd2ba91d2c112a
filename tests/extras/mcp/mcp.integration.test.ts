/** An assistant's way from a table and a sentence to a proved model for Ollama, and what it is refused on the way. */
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WAIT_MS } from '../../helpers/limits.ts';
import { type Connected, connected, startedHttp } from './client.ts';
import { journey, MODEL, ROWS, writeTable } from './journey.ts';

describe('from a table and a sentence to a model for Ollama', () => {
  let at: Connected;
  beforeAll(async () => {
    at = await connected();
  });
  afterAll(() => at.close());

  it('takes at most twelve calls, each of which is in the log', async () => {
    const { calls, run } = await journey(at);
    const said = (tool: string, which = 0) => calls.filter((one) => one.tool === tool)[which]!;
    expect(said('check_computer').text).toContain(MODEL);
    expect(said('look_at_data').text).toContain(`${ROWS} rows to train on`);
    expect(said('sort_in_seconds').text).toMatch(/Test rows +\d+ rows: \d+/);
    expect(said('train').text).toMatch(/^job-\d+ \(train\) goes on/);
    expect(said('train', 1)).toMatchObject({
      isError: true,
      text: expect.stringContaining('is training already'),
    });
    for (const tool of ['check_data', 'plan', 'follow', 'export', 'chat'])
      expect(said(tool).isError, said(tool).text).toBe(false);
    expect(said('follow').progress.length).toBeGreaterThan(0);
    expect(existsSync(path.join(run, 'assessment.json'))).toBe(true);
    expect(said('export').text).toContain('Proved');
    expect(said('export').text).toContain('ollama create');
    expect(at.calls()).toBeLessThanOrEqual(12);
    const log = readFileSync(path.join(at.data, 'logs', 'fettle.log'), 'utf8');
    expect(log.match(/ mcp: \w+ \{/g)).toHaveLength(at.calls());
  });
});

describe('a client that wants more than it was granted', () => {
  let at: Connected;
  let secret: string;
  beforeAll(async () => {
    at = await connected();
    secret = path.join(at.other, 'secret.csv');
    writeTable(secret, 20);
    writeTable(path.join(at.granted, 'own.csv'), 20);
    symlinkSync(at.other, path.join(at.granted, 'linked'));
    symlinkSync(path.join(at.granted, 'nothing'), path.join(at.granted, 'dangling'));
    mkdirSync(path.join(at.granted, 'folder'));
    linkSync(secret, path.join(at.granted, 'folder', 'hard.csv'));
    mkdirSync(path.join(at.granted, 'run'));
    writeFileSync(path.join(at.granted, 'run', 'run.json'), JSON.stringify({ model: MODEL, data: secret }));
  });
  afterAll(() => at.close());

  const READ = [
    ['a whole path', () => secret],
    ['a way up', () => '../other/secret.csv'],
    ['a link', () => 'linked/secret.csv'],
    ['a list with a comma', () => `own.csv,${secret}`],
    ['another name of a file', () => 'folder'],
    ['a flag', () => '--data=/etc/passwd'],
  ] as const;
  it.each(READ)('reads nothing through %s', async (_, asked) => {
    const { text, isError } = await at.call('look_at_data', { data: [asked()] });
    expect(isError, text).toBe(true);
    expect(text).toMatch(/granted|is not there|has another name elsewhere/);
    expect(text).not.toContain('rows to train on');
  });

  it('writes nothing outside', async () => {
    const outside = path.join(at.other, 'sorter');
    for (const out of [outside, 'linked/sorter', 'dangling']) {
      const { text } = await at.call('sort_in_seconds', { data: ['own.csv'], out });
      expect(text).toMatch(/granted|leads nowhere/);
    }
    expect(existsSync(outside)).toBe(false);
  });

  it('reads nothing through a run whose settings name other files', async () => {
    const { text } = await at.call('assess', { run: 'run' });
    expect(text).toContain(`${secret} is not in a folder that was granted`);
  });

  it('gets no tool, argument or length that there is not', async () => {
    await expect(at.call('format_disk', {})).rejects.toThrow(/not found/);
    const more = await at.call('train', { data: ['own.csv'], config: secret });
    expect(more.text).toMatch(/additional propert|required/);
    const long = await at.call('chat', { model: MODEL, prompt: 'x'.repeat(70_000) });
    expect(long.text).toContain('at most 64000 are read');
    const many = await at
      .call('look_at_data', { data: Array.from({ length: 2000 }, () => 'own.csv') })
      .catch((error: Error) => ({ text: error.message }));
    expect(many.text).toMatch(/1,?000|elements/);
  });
});

describe('over HTTP', () => {
  it.each(['auto', 'legacy'] as const)('does the same work for a client that speaks %s', async (protocol) => {
    const at = await connected({ overHttp: true, protocol });
    try {
      writeTable(path.join(at.granted, 'own.csv'), 20);
      const looked = await at.call('look_at_data', { data: ['own.csv'] });
      expect(looked.text).toContain('20 rows to train on');
      const rows = { data: ['own.csv'], map: 'prompt=message,answer=desk' };
      const training = { ...rows, model: MODEL, out: 'run', epochs: 50, wait_seconds: 0 };
      const trained = await at.call('train', training);
      expect(trained.isError, trained.text).toBe(false);
      const job = /job-\d+/.exec(trained.text)![0];
      const follow = async () => {
        const followed = await at.call('follow', { job, wait_seconds: 1 });
        expect(followed.text).toContain(`${job} (train) goes on`);
        return followed.progress.length;
      };
      await expect.poll(follow, { timeout: WAIT_MS }).toBeGreaterThan(0);
      const stopped = await at.call('stop', { job, wait_seconds: 60 });
      expect(stopped.text).not.toContain('goes on');
      const more = await at.call('look_at_data', { data: [path.join(at.other, 'own.csv')] });
      expect(more.text).toContain('is not in a folder that was granted');
    } finally {
      await at.close();
    }
  });

  it.each(['auto', 'legacy'] as const)(
    'tells a client with a wrong key so, which begins no sign-in: %s',
    async (mode) => {
      const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-mcp-key-'));
      const server = await startedHttp(['mcp'], { FETTLE_HOME: home, FETTLE_KEY: '' });
      let signIns = 0;
      // what a program for people gives: it would open a browser
      const authProvider = {
        token: async () => 'wrong',
        onUnauthorized: async () => void signIns++,
      };
      const transport = new StreamableHTTPClientTransport(new URL(server.address), { authProvider });
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      try {
        const error = await client.connect(transport).then(
          () => null,
          (one: unknown) => one,
        );
        expect(error).toMatchObject({
          data: { status: 403, text: expect.stringContaining('key is missing or wrong') },
        });
        expect(signIns).toBe(0);
      } finally {
        await client.close();
        await server.end();
        rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
      }
    },
  );

  it('answers nobody without the key, no page, no other name, and nothing that is too long', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-mcp-http-'));
    const server = await startedHttp(['mcp'], { FETTLE_HOME: home, FETTLE_KEY: '' });
    const ask = async (headers: Record<string, string>, body = '{}', url = server.address) =>
      (await fetch(url, { method: 'POST', headers: { ...SPEAKS, ...headers }, body })).status;
    try {
      const authorization = `Bearer ${server.key}`;
      expect(await ask({})).toBe(403);
      expect(await ask({ authorization: `${authorization}x` })).toBe(403);
      expect(await ask({ authorization, origin: 'http://localhost:3000' })).toBe(403);
      expect(await ask({ authorization }, '{}', server.address.replace('/mcp', '/other'))).toBe(404);
      expect(await ask({ authorization }, JSON.stringify({ x: 'x'.repeat(600_000) }))).toBe(413);
      expect(await ask({ authorization }, '{"jsonrpc":')).toBe(400);
      expect(await statusFor(server.address, { authorization, host: 'evil.example' })).toBe(421);
    } finally {
      expect((await server.end()).code).toBe(0);
      rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    }
  });
});

const SPEAKS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** fetch sets the host itself. */
async function statusFor(address: string, headers: Record<string, string>): Promise<number> {
  const asked = request(address, { method: 'POST', headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode!;
}

describe.each([false, true])('folders that are granted on the way, over HTTP: %s', (overHttp) => {
  it('are the roots of the client', async () => {
    const at = await connected({
      overHttp,
      byFlag: false,
      capabilities: { roots: {} },
      prepare: (client, { granted }) =>
        client.setRequestHandler('roots/list', () => ({
          roots: [{ uri: `file://${granted}` }, { uri: 'file:///' }],
        })),
    });
    try {
      writeTable(path.join(at.granted, 'own.csv'), 20);
      writeTable(path.join(at.other, 'own.csv'), 20);
      const looked = await at.call('look_at_data', { data: [path.join(at.granted, 'own.csv')] });
      expect(looked.text).toContain('20 rows to train on');
      const other = await at.call('look_at_data', { data: [path.join(at.other, 'own.csv')] });
      expect(other.text).toContain('is not in a folder that was granted');
    } finally {
      await at.close();
    }
  });

  it.each([
    [true, '20 rows to train on'],
    [false, 'is not in a folder that was granted'],
  ])('are asked for one by one: %s', async (grant, said) => {
    const asked: string[] = [];
    const at = await connected({
      overHttp,
      byFlag: false,
      capabilities: { elicitation: { form: {} } },
      prepare: (client) =>
        client.setRequestHandler('elicitation/create', ({ params }) => {
          asked.push(params.message);
          return { action: 'accept', content: { grant } };
        }),
    });
    try {
      writeTable(path.join(at.granted, 'own.csv'), 20);
      const looked = await at.call('look_at_data', { data: [path.join(at.granted, 'own.csv')] });
      expect(looked.text).toContain(said);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toContain(at.granted);
    } finally {
      await at.close();
    }
  });
});
