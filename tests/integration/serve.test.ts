/**
 * The web host with everything behind it: a real store, real engine processes, a client as the page's. A training is followed through
 * connections that break, and `fettle serve` is started, asked, and ended as a person does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalModel, NumberedEvent, RunRequest } from '../../common/api/contract.ts';
import type { Session } from '../../main/serve/guard.ts';
import { builtRenderer, openWebApp, type WebApp } from '../../main/serve/start.ts';
import { openStore } from '../../main/store/open.ts';
import { BIN } from '../helpers/fettle.ts';
import { askToStop, CHANNEL } from '../helpers/stop.ts';
import { connect, sessionWith, type WebClient } from '../helpers/web-client.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let workspace: Workspace;
let renderer: string;
beforeAll(async () => {
  workspace = await openWorkspace();
  renderer = path.join(process.env.FETTLE_HOME!, 'pages');
  mkdirSync(renderer, { recursive: true });
  writeFileSync(path.join(renderer, 'index.html'), '<h1>Fettle</h1>');
});
afterAll(() => workspace.remove());

const SETTINGS = {
  ...{ maxLength: 64, tokensPerMicroBatch: 128, 'lora.rank': 4, learningRate: 5e-3 },
  ...{ evalEvery: 10, assess: false, threads: 2 },
};

function requestFor(model: LocalModel, more: Partial<RunRequest> = {}): RunRequest {
  const data = { paths: [workspace.data] };
  return { name: 'Animals', modelId: model.id, data, prompts: ['2 cat 1'], settings: SETTINGS, ...more };
}

describe('the web host', () => {
  let app: WebApp;
  let session: Session;
  let client: WebClient;
  let model: LocalModel;
  beforeAll(async () => {
    app = await openWebApp({ renderer, port: 0, notify: () => {} });
    session = await sessionWith(app.server);
    client = await connect(app.server, session);
    await client.api.files.open({ what: 'data', paths: [workspace.at()] });
    model = await client.api.models.add({ path: workspace.model });
  });
  afterAll(() => app.close());

  it('has the practice model, the computer and the samples at once', async () => {
    const { api } = client;
    expect((await api.models.list()).map(({ source }) => source).sort()).toEqual(['folder', 'practice']);
    expect((await api.models.inspect({ id: model.id })).family).toBe(model.family);
    expect((await api.host.info()).dataFolder.startsWith(process.env.FETTLE_HOME!)).toBe(true);
    expect((await api.data.samples()).length).toBeGreaterThan(3);
    for await (const { freeMemory } of await api.computer.now()) {
      expect(freeMemory).toBeGreaterThan(0);
      break;
    }
  });

  it('looks at data, shows it as the model sees it, and plans', async () => {
    const { api } = client;
    const data = { paths: [workspace.data] };
    const look = await api.data.look(data);
    expect(look.rows).toBeGreaterThan(10);
    const [row] = await api.data.preview({ data, modelId: model.id, count: 1 });
    expect(row?.trainedTokens).toBeGreaterThan(0);
    const figures = await api.plan.figures(requestFor(model));
    expect(figures.steps).toBeGreaterThan(10);
    expect(figures.peakBytes).toBeGreaterThan(figures.weightBytes);
    const wrong = api.plan.figures(requestFor(model, { settings: { epochs: -1 } }));
    await expect(wrong).rejects.toMatchObject({ code: 'PROBLEM', data: { code: 'bad-config' } });
  });

  it('proposes for the practice model and its sample what was measured to be best, by rule', async () => {
    const { api } = client;
    const practice = (await api.models.list()).find(({ source }) => source === 'practice')!;
    const sample = (await api.data.samples()).find(({ name }) => name === 'support-messages')!;
    const request = {
      ...{ modelId: practice.id, evalPaths: [sample.heldOut!], goal: 'sort' as const, settings: {} },
      data: { paths: [sample.path], system: 'Sort the messages of customers.' },
    };
    const proposal = await api.plan.propose(request);
    const full = proposal.methods.find(({ recommended }) => recommended)?.planned;
    expect(full?.runSettings).toMatchObject({
      ...{ method: 'full', learningRate: 2e-4, epochs: 4 },
      ...{ tokensPerMicroBatch: 1024, gradientAccumulation: 1 },
    });
    const lengths = proposal.lengths!;
    expect(full?.settings.maxLength).toBe(lengths.proposed);
    expect(lengths.choices.at(-1)).toMatchObject({ rowsCut: 0, labelledLost: 0 });
    expect(lengths.rows).toBe(sample.rows);
    // the free memory may be another one by now
    expect((await api.plan.propose(request)).methods).toEqual(proposal.methods);
  });

  it('refuses a second host on the same data, and says where the first one is', async () => {
    const second = openWebApp({ renderer, port: 0, notify: () => {} });
    await expect(second).rejects.toMatchObject({
      code: 'already-running',
      hint: expect.stringContaining(app.server.address),
    });
  });

  it('trains; a page that loses its connection misses nothing and sees nothing twice', async () => {
    const { runId } = await client.api.jobs.train({ request: requestFor(model) });
    const seen: NumberedEvent[] = [];
    let drops = 0;
    while (seen.at(-1)?.event.event !== 'done') {
      const page = await connect(app.server, session);
      const patience = 1 + drops * 4;
      try {
        for await (const event of await page.api.runs.events({
          id: runId,
          after: seen.at(-1)?.number ?? 0,
        })) {
          seen.push(event);
          if (event.event.event === 'error') throw new Error(event.event.message);
          if (seen.length % patience === 0 && drops < 8) await page.drop();
        }
      } catch (error) {
        if (seen.at(-1)?.event.event === 'error') throw error;
        drops++;
      }
      await page.drop();
    }
    expect(drops).toBeGreaterThan(2);
    expect(seen.map(({ number }) => number)).toEqual(seen.map((_, i) => i + 1));
    const run = await client.api.runs.get({ id: runId });
    expect(run).toMatchObject({ state: 'done', model: model.name, modelId: model.id });
    const steps = seen.filter(({ event }) => event.event === 'step').length;
    expect((await client.api.runs.curves({ id: runId })).recorded).toBe(steps);
    expect((await client.api.runs.log({ id: runId })).total).toBe(seen.length);
    expect((await client.api.runs.samples({ id: runId })).map(({ prompt }) => prompt)).toContain('2 cat 1');
  });

  it('answers before and after, bundles, duplicates and deletes', async () => {
    const { api } = client;
    const { id } = (await api.runs.list({})).rows[0]!;
    const { folder } = await api.runs.get({ id });
    const turns = [{ role: 'user' as const, content: '1 dog 7' }];
    const messages = { before: turns, after: turns };
    const done: string[] = [];
    const asking = {
      of: { runId: id },
      which: ['before', 'after'] as ('before' | 'after')[],
      messages,
      maxNewTokens: 4,
    };
    for await (const piece of await api.chat.ask(asking)) if (piece.done) done.push(piece.from);
    expect(done).toEqual(['before', 'after']);
    await api.chat.close();
    await api.files.open({ what: 'save', paths: [workspace.at('animals')] });
    const bundle = await api.runs.bundle({ id, out: workspace.at('animals') });
    expect(readFileSync(bundle.path).subarray(0, 2).toString()).toBe('PK');
    const draft = await api.runs.duplicate({ id });
    expect(draft.content.settings).toEqual(SETTINGS);
    const { bytes } = await api.runs.delete({ ids: [id] });
    expect(bytes).toBeGreaterThan(1000);
    expect((await api.runs.list({})).total).toBe(0);
    await api.runs.restore({ ids: [id] });
    const { rows } = await api.runs.list({});
    expect(rows.map((row) => row.id)).toEqual([id]);
    expect(existsSync(folder)).toBe(true);
  });
});

describe('fettle serve', () => {
  interface Serving {
    readonly child: ChildProcess;
    /** The next object on its output. */
    next(): Promise<{ address: string; link: string }>;
    readonly err: () => string;
    readonly ended: Promise<number | null>;
  }

  function start(...args: string[]): Serving {
    const child = spawn(process.execPath, [BIN, 'serve', '--json', ...args], {
      stdio: ['pipe', 'pipe', 'pipe', ...CHANNEL],
    });
    const lines: string[] = [];
    let [rest, err] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      lines.push(...parts);
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return {
      ...{ child, ended, err: () => err },
      async next() {
        await expect.poll(() => lines.length > 0 || child.exitCode !== null).toBe(true);
        const line = lines.shift();
        if (line === undefined) throw new Error(`it ended: ${err}`);
        return JSON.parse(line) as { address: string; link: string };
      },
    };
  }

  it('prints a link, a new one for Enter, and on Ctrl-C pauses what goes on', async () => {
    await builtRenderer(() => {});
    const serving = start('--port', '0');
    const { address, link } = await serving.next();
    expect(await (await fetch(address)).text()).toContain('<script type="module"');
    serving.child.stdin?.write('\n');
    const again = await serving.next();
    expect([again.address, again.link === link]).toEqual([address, false]);
    const server = { address, port: 0, isOpenToOthers: false, link: () => link, close: async () => {} };
    const { api, drop } = await connect(server);

    const second = start('--port', '0');
    expect(await second.ended).toBe(1);
    expect(second.err()).toContain(address);

    await api.files.open({ what: 'data', paths: [workspace.at()] });
    const model = await api.models.add({ path: workspace.model });
    const settings = { ...SETTINGS, epochs: 10_000 };
    const { runId } = await api.jobs.train({ request: requestFor(model, { settings, prompts: [] }) });
    let steps = 0;
    for await (const { event } of await api.runs.events({ id: runId }))
      if (event.event === 'step' && ++steps > 3) break;
    askToStop(serving.child);
    expect(await serving.ended).toBe(0);
    expect(serving.err()).toContain('Pausing “Animals”');
    await drop();
    const store = await openStore();
    const run = store.runs.get(runId);
    store.close();
    expect([run.state, run.checkpoints.length > 0, run.step >= steps]).toEqual(['paused', true, true]);
  });

  it('says what is wrong with a port', async () => {
    const serving = start('--port', 'eighty');
    expect(await serving.ended).toBe(2);
    expect(serving.err()).toContain('--port must be a whole number');
  });
});
