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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvCell } from '../../../common/values.ts';
import { practiceRows } from '../../../main/app/practice.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { type Connected, connected, startedHttp } from './client.ts';

/** Enough that the sorter has test rows. */
const ROWS = 96;
const MODEL = path.join(resourcesFolder(), 'practice-model');

/** The sample as the table that a person has: a message, and the desk that it belongs to. */
function writeTable(file: string, rows: number): void {
  const lines = readFileSync(practiceRows().data, 'utf8').trim().split('\n').slice(0, rows);
  const cells = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: readonly { role: string; content: string }[] };
    const said = (by: string) => messages.find(({ role }) => role === by)!.content;
    return [said('user'), (JSON.parse(said('assistant')) as { desk: string }).desk].map(csvCell).join(',');
  });
  writeFileSync(file, ['message,desk', ...cells, ''].join('\n'));
}

describe('from a table and a sentence to a model for Ollama', () => {
  let at: Connected;
  beforeAll(async () => {
    at = await connected();
    writeTable(path.join(at.granted, 'mails.csv'), ROWS);
  });
  afterAll(() => at.close());

  it('takes at most twelve calls, each of which is in the log', async () => {
    const rows = { data: ['mails.csv'], map: 'prompt=message,answer=desk' };
    const run = path.join(at.granted, 'runs', 'first');
    const gguf = path.join(at.granted, 'mails.gguf');
    const computer = await at.call('check_computer', {});
    expect(computer.text).toContain(MODEL);
    const looked = await at.call('look_at_data', rows);
    expect(looked.text).toContain(`${ROWS} rows to train on`);
    const checked = await at.call('check_data', rows);
    expect(checked.isError, checked.text).toBe(false);
    const sorter = await at.call('sort_in_seconds', { ...rows, out: 'sorter', by: 'words' });
    expect(sorter.text).toMatch(/Test rows +\d+ rows: \d+/);
    const training = {
      ...{ ...rows, model: MODEL, method: 'full', 'learning-rate': 2e-4, 'max-length': 256 },
      system: 'Name the desk that this message belongs to.',
    };
    const planned = await at.call('plan', training);
    expect(planned.isError, planned.text).toBe(false);
    const trained = await at.call('train', { ...training, epochs: 1, out: run, wait_seconds: 0 });
    expect(trained.text).toMatch(/^job-\d+ \(train\) goes on/);
    const job = /job-\d+/.exec(trained.text)![0];
    const busy = await at.call('train', { ...training, out: path.join(at.granted, 'runs', 'second') });
    expect(busy.text).toContain(`${job} is training already`);
    const followed = await at.call('follow', { job, wait_seconds: 600 });
    expect(followed.isError, followed.text).toBe(false);
    expect(followed.progress.length).toBeGreaterThan(0);
    expect(existsSync(path.join(run, 'assessment.json'))).toBe(true);
    const exported = await at.call('export', { run, as: 'gguf', type: 'f16', out: gguf });
    expect(exported.text, exported.text).toContain('Proved');
    expect(exported.text).toContain('ollama create');
    const answered = await at.call('chat', {
      model: gguf,
      prompt: 'Where is my parcel?',
      'max-new-tokens': 8,
    });
    expect(answered.isError, answered.text).toBe(false);
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
      const followed = await at.call('follow', { job, wait_seconds: 12 });
      expect(followed.text).toContain(`${job} (train) goes on`);
      expect(followed.progress.length).toBeGreaterThan(0);
      const stopped = await at.call('stop', { job, wait_seconds: 60 });
      expect(stopped.text).not.toContain('goes on');
      const more = await at.call('look_at_data', { data: [path.join(at.other, 'own.csv')] });
      expect(more.text).toContain('is not in a folder that was granted');
    } finally {
      await at.close();
    }
  });

  it('answers nobody without the key, no page, no other name, and nothing that is too long', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-mcp-http-'));
    const server = await startedHttp(['mcp'], { FETTLE_HOME: home, FETTLE_KEY: '' });
    const ask = async (headers: Record<string, string>, body = '{}', url = server.address) =>
      (await fetch(url, { method: 'POST', headers: { ...SPEAKS, ...headers }, body })).status;
    try {
      const authorization = `Bearer ${server.key}`;
      expect(await ask({})).toBe(401);
      expect(await ask({ authorization: `${authorization}x` })).toBe(401);
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
