import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ended, type HubPart, openPart, type PartOptions, tinyModel } from '../../helpers/hub.ts';
import { type HubServer, startHubServer } from '../../helpers/hub-server.ts';

const TOKEN = 'hf_secret0123456789';
const model = tinyModel();
const gated = tinyModel({ repo: 'makers/gated', gatedBy: TOKEN });
let server: HubServer;
let mirror: HubServer;
let part: HubPart | null = null;

beforeEach(async () => {
  server = await startHubServer([model, gated], 2);
  mirror = await startHubServer([model, gated]);
});

afterEach(async () => {
  if (part) {
    await part.close();
    fs.rmSync(part.folder, { recursive: true });
  }
  part = null;
  await Promise.all([server.close(), mirror.close()]);
});

async function open(options: Partial<PartOptions> = {}): Promise<HubPart> {
  part = await openPart({ hubUrl: server.url, ...options });
  return part;
}

const authorised = (at: HubServer, host: 'hub' | 'cdn') =>
  at.asked.filter((asked) => asked.host === host && asked.headers.authorization !== undefined);

describe('a gated model', () => {
  it('says what to do without a token', async () => {
    const { hub } = await open();
    const refused = hub.download(gated.repo);
    await expect(refused).rejects.toMatchObject({
      code: 'model-gated',
      hint: expect.stringContaining('read token'),
    });
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining(`huggingface.co/${gated.repo}`),
    });
  });

  it('says that a token which is there has no access', async () => {
    const { hub } = await open({ token: 'hf_other' });
    const error = await hub.download(gated.repo).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'model-gated', message: expect.stringContaining('no access') });
    expect(JSON.stringify([error, String(error)])).not.toContain('hf_other');
  });

  it('comes with the token, which no other host sees', async () => {
    const { hub } = await open({ token: TOKEN });
    await hub.download(gated.repo);
    expect(await ended(hub)).toMatchObject({ state: 'done' });
    expect(authorised(server, 'hub').length).toBeGreaterThan(5);
    expect(server.asked.some(({ host }) => host === 'cdn')).toBe(true);
    expect(authorised(server, 'cdn')).toEqual([]);
  });

  it('is a problem of the download when the consent is taken back on the way', async () => {
    const { hub } = await open({ token: TOKEN });
    server.fault = ({ file }) =>
      file === 'model.safetensors' ? { status: 403, headers: { 'x-error-code': 'GatedRepo' } } : null;
    await hub.download(gated.repo);
    expect(await ended(hub)).toMatchObject({ state: 'failed', problem: { code: 'model-gated' } });
  });
});

describe('the token', () => {
  it('that could not be one is refused without being quoted', async () => {
    const { hub } = await open({ token: 'hf_a\nb' });
    const error = await hub.download(model.repo).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'hub-token-unreadable' });
    expect(String(error)).not.toContain('hf_a');
  });

  it('is kept nowhere in the data folder', async () => {
    const { hub, folder } = await open({ token: TOKEN });
    await hub.download(gated.repo);
    await ended(hub);
    const files = fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile());
    for (const { parentPath, name } of files)
      expect(fs.readFileSync(`${parentPath}/${name}`).includes(TOKEN), name).toBe(false);
  });
});

describe('settings', () => {
  it('a mirror serves everything, and never gets the token', async () => {
    const { hub, store } = await open({ token: TOKEN });
    store.settings.set({ hubMirror: `${mirror.url}/` });
    await hub.download(model.repo);
    expect(await ended(hub)).toMatchObject({ state: 'done' });
    expect(server.asked).toEqual([]);
    expect([...authorised(mirror, 'hub'), ...authorised(mirror, 'cdn')]).toEqual([]);
    await expect(hub.download(gated.repo)).rejects.toMatchObject({
      code: 'model-gated',
      hint: expect.stringContaining('to the Hugging Face Hub only'),
    });
  });

  it('a mirror whose list of files names the Hub for the next page is asked for that too', async () => {
    const paged = await startHubServer([model], 2);
    const { hub, store } = await open();
    store.settings.set({ hubMirror: paged.url });
    paged.url = server.url;
    await hub.download(model.repo);
    expect(await ended(hub)).toMatchObject({ state: 'done' });
    expect(paged.asked.filter(({ path }) => path.includes('cursor='))).toHaveLength(2);
    expect(server.asked).toEqual([]);
    await paged.close();
  });

  it('offline makes no connection', async () => {
    const { hub, store } = await open();
    store.settings.set({ offline: true });
    await expect(hub.download(model.repo)).rejects.toMatchObject({ code: 'offline' });
    await expect(hub.search('tiny', 5)).rejects.toMatchObject({ code: 'offline' });
    expect((await hub.catalog()).length).toBeGreaterThan(20);
    expect(server.asked).toEqual([]);
  });

  it('a proxy carries the requests', async () => {
    const carried: string[] = [];
    const target = new URL(server.url);
    const proxy = http.createServer((request, response) => {
      carried.push(request.url ?? '');
      const { pathname, search } = new URL(request.url ?? '');
      const port = request.url?.includes('cdn.test') ? new URL(server.cdnUrl).port : target.port;
      const options = { host: '127.0.0.1', port, path: pathname + search, headers: request.headers };
      http.get(options, (answer) => {
        const { location, ...headers } = answer.headers;
        const moved = location && { location: location.replace(server.cdnUrl, 'http://cdn.test') };
        response.writeHead(answer.statusCode ?? 500, { ...headers, ...moved });
        answer.pipe(response);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    server.url = 'http://hub.test';
    const { hub, store } = await open({ hubUrl: 'http://hub.test', token: TOKEN });
    store.settings.set({ proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    await hub.download(model.repo);
    expect(await ended(hub)).toMatchObject({ state: 'done', problem: null });
    expect(new Set(carried.map((url) => new URL(url).host))).toEqual(new Set(['hub.test', 'cdn.test']));
    expect(authorised(server, 'cdn')).toEqual([]);
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('a proxy that is not there is named in the advice', async () => {
    const { hub, store } = await open({ hubUrl: 'http://hub.test' });
    store.settings.set({ proxy: 'http://127.0.0.1:9' });
    await expect(hub.download(model.repo)).rejects.toMatchObject({
      code: 'hub-unreachable',
      hint: expect.stringContaining('the proxy in Settings'),
    });
  });
});

describe('answers', () => {
  const answers: readonly (readonly [string, string, string | undefined, string])[] = [
    ['an unknown model', 'nobody/nothing', undefined, 'hub-model-not-found'],
    ['an unknown version', model.repo, 'no-such-branch', 'hub-revision-not-found'],
  ];
  it.each(answers)('%s', async (_, repo, revision, code) => {
    const { hub } = await open();
    await expect(hub.download(repo, revision)).rejects.toMatchObject({ code });
  });

  it('a page of a sign-in is not taken for the Hub', async () => {
    const portal = http.createServer((_, response) => response.end('<html>Welcome to our hotel</html>'));
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    const { hub } = await open({ hubUrl: `http://127.0.0.1:${(portal.address() as AddressInfo).port}` });
    await expect(hub.search('tiny', 5)).rejects.toMatchObject({ code: 'hub-answer' });
    await expect(hub.download(model.repo)).rejects.toMatchObject({ code: 'hub-answer' });
    portal.closeAllConnections();
    await new Promise((resolve) => portal.close(resolve));
  });

  it('JSON of another kind is not taken for the Hub', async () => {
    const { hub } = await open({ more: { fetch: async () => new Response('{"error": "no"}') } });
    await expect(hub.search('tiny', 5)).rejects.toMatchObject({ code: 'hub-answer' });
    await expect(hub.download(model.repo)).rejects.toMatchObject({ code: 'hub-answer' });
  });

  it('redirects to a less safe address, or without an end, are not followed', async () => {
    const to = (location: string) => async () => new Response(null, { status: 302, headers: { location } });
    for (const [hubUrl, location] of [
      ['https://hub.test', 'http://hub.test/x'],
      ['https://hub.test', 'file:///etc/passwd'],
      ['https://hub.test', 'https://hub.test/again'],
    ] as const) {
      const { hub, folder, close } = await open({ hubUrl, more: { fetch: to(location) } });
      await expect(hub.search('tiny', 5)).rejects.toMatchObject({ code: 'hub-answer' });
      await close();
      fs.rmSync(folder, { recursive: true });
      part = null;
    }
  });
});

describe('the search', () => {
  it('says of each model why it cannot be trained', async () => {
    const file = Buffer.from('x');
    const config = (model_type: string, more = {}) => Buffer.from(JSON.stringify({ model_type, ...more }));
    server.models = [
      model,
      tinyModel({
        repo: 'a/tiny-mamba',
        files: { 'config.json': config('mamba'), 'model.safetensors': file },
      }),
      tinyModel({
        repo: 'a/tiny-pickle',
        files: { 'config.json': config('llama'), 'pytorch_model.bin': file },
      }),
      tinyModel({ repo: 'a/tiny-gguf', files: { 'tiny-IQ2_XS.gguf': file, 'tiny-IQ1_S.gguf': file } }),
      tinyModel({ repo: 'a/tiny-good-gguf', files: { 'tiny-IQ2_XS.gguf': file, 'tiny-Q4_K_M.gguf': file } }),
      tinyModel({
        repo: 'a/tiny-awq',
        files: { 'config.json': config('llama', { quantization_config: { bits: 4 } }) },
      }),
      tinyModel({
        repo: 'a/tiny-lora',
        files: { 'adapter_config.json': file, 'adapter_model.safetensors': file },
      }),
    ];
    const { hub } = await open();
    const found = await hub.search('tiny', 20);
    const reasons = Object.fromEntries(found.map(({ repo, unsuitable }) => [repo, unsuitable]));
    expect(reasons).toEqual({
      [model.repo]: null,
      'a/tiny-mamba': expect.stringContaining('“mamba”'),
      'a/tiny-pickle': expect.stringContaining('pickle'),
      'a/tiny-gguf': expect.stringContaining('IQ2_XS, IQ1_S'),
      'a/tiny-good-gguf': null,
      'a/tiny-awq': expect.stringContaining('reduced precision'),
      'a/tiny-lora': expect.stringContaining('adapter'),
    });
    expect(found[0]).toMatchObject({ downloads: 7, likes: 3, task: 'text-generation', gated: false });
    const asked = new URL(server.asked[0]!.path, server.url).searchParams;
    expect(asked.get('pipeline_tag')).toBe('text-generation');
    expect(await hub.search('tiny', 2)).toHaveLength(2);
  });
});
