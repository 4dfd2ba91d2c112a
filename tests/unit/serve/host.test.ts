import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeFolder } from '../../../main/app/parts.ts';
import { findElectron } from '../../../main/serve/electron-program.ts';
import { build, builtRenderer, hasScreen, homeFolder } from '../../../main/serve/start.ts';
import { awakeKeeper, webHost } from '../../../main/serve/web-host.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(() => remove());

const host = () => webHost({ folder: () => folder, notify: () => {} });

describe('the web host', () => {
  it('says what it is, and what it cannot do in words', async () => {
    expect(host().info()).toMatchObject({ kind: 'web', dialogs: false, keepsSecrets: false, notifies: true });
    expect(host().info().versions).toHaveProperty('node');
    expect(host().pick).toBeNull();
    await expect(host().reveal('/x/y')).rejects.toMatchObject({ hint: expect.stringContaining('/x/y') });
  });

  it('keeps secrets in a file that only the person can read', async () => {
    const { secrets } = host();
    expect(await secrets.get('hubToken')).toBeNull();
    await secrets.set('hubToken', 'hf_abc');
    await secrets.set('other', 'x');
    expect(await host().secrets.get('hubToken')).toBe('hf_abc');
    expect(statSync(path.join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    await secrets.set('hubToken', null);
    expect(await secrets.get('hubToken')).toBeNull();
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).not.toContain('hf_abc');
    expect(await secrets.get('other')).toBe('x');
  });

  it('says where damaged secrets are, and not what they are', async () => {
    writeFileSync(path.join(folder, 'secrets.json'), '{"hubToken":"hf_abc');
    const failure = await host()
      .secrets.get('hubToken')
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'secrets-unreadable' });
    expect(String(failure)).not.toContain('hf_abc');
  });
});

describe('awakeKeeper', () => {
  it.skipIf(process.platform === 'win32')('runs a program as long as it is on', async () => {
    const marker = path.join(folder, 'awake');
    const script = `trap 'rm ${marker}; exit' TERM; touch ${marker}; while :; do sleep 0.05; done`;
    const keep = awakeKeeper({ [process.platform]: ['sh', '-c', script] });
    const isAwake = () => statSync(marker, { throwIfNoEntry: false }) !== undefined;
    keep(true);
    keep(true);
    await expect.poll(isAwake).toBe(true);
    keep(false);
    await expect.poll(isAwake).toBe(false);
    keep(false);
  });

  it('does nothing where there is no such program', async () => {
    const keep = awakeKeeper({ [process.platform]: ['no-such-program-of-fettle'] });
    keep(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    keep(false);
    awakeKeeper({})(true);
  });
});

describe('takeFolder', () => {
  const take = () => takeFolder(() => folder, 'web');
  const lock = () => path.join(folder, 'host.lock');

  it('gives a folder to one host, and says to others where that is', () => {
    const hold = take();
    if ('holder' in hold) return expect.fail('nobody had it');
    hold.tell('http://127.0.0.1:1/');
    expect(take()).toEqual({
      holder: expect.objectContaining({ pid: process.pid, kind: 'web', address: 'http://127.0.0.1:1/' }),
    });
    hold.release();
    expect(statSync(lock(), { throwIfNoEntry: false })).toBeUndefined();
    expect(take()).toHaveProperty('release');
  });

  it.each([
    [
      'of a process that is gone',
      JSON.stringify({ pid: 2 ** 22 + 1, start: null, kind: 'web', address: null }),
    ],
    [
      'of another process with the same number',
      JSON.stringify({ pid: process.pid, start: '1', kind: 'web', address: null }),
    ],
    ['that is damaged', '{"pid":'],
  ])('takes a folder over from a file %s', (_, content) => {
    writeFileSync(lock(), content);
    expect(take()).toHaveProperty('release');
    expect(JSON.parse(readFileSync(lock(), 'utf8')).pid).toBe(process.pid);
  });

  it('goes with the folder, and takes nobody else’s away', () => {
    const hold = take();
    if ('holder' in hold) return expect.fail('nobody had it');
    const other = { pid: 1, start: null, kind: 'electron', address: null };
    writeFileSync(lock(), JSON.stringify(other));
    hold.release();
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toEqual(other);
  });
});

describe('findElectron', () => {
  const screen = { DISPLAY: ':0' };
  const electron = () => path.join(folder, 'node_modules', 'electron');
  beforeEach(() => {
    writeFileSync(path.join(folder, 'package.json'), '{}');
    mkdirSync(path.join(electron(), 'dist'), { recursive: true });
    writeFileSync(path.join(electron(), 'package.json'), '{"name":"electron"}');
  });

  it('names what fetches the program, also where an earlier try was cut off', () => {
    const installer = path.join(electron(), 'install.js');
    expect(findElectron(folder, screen)).toEqual({ installer });
    writeFileSync(path.join(electron(), 'dist', 'electron'), '');
    expect(findElectron(folder, screen)).toEqual({ installer });
  });

  it('says that the package is missing', () => {
    rmSync(electron(), { recursive: true });
    expect(findElectron(folder, screen)).toEqual({ why: expect.stringContaining('not installed') });
  });

  it('finds the program that its installer names, where there is a screen', () => {
    writeFileSync(path.join(electron(), 'path.txt'), 'electron');
    writeFileSync(path.join(electron(), 'dist', 'electron'), '');
    expect(findElectron(folder, screen)).toEqual({
      program: path.join(electron(), 'dist', 'electron'),
      main: path.join(folder, 'dist', 'main.js'),
    });
    if (process.platform === 'linux')
      expect(findElectron(folder, {})).toEqual({ why: expect.stringContaining('no screen') });
    expect([
      hasScreen('linux', {}),
      hasScreen('win32', {}),
      hasScreen('darwin', { SSH_CONNECTION: 'x' }),
    ]).toEqual([false, true, false]);
  });
});

describe('builtRenderer', () => {
  it('takes what is built, and knows where Fettle is', async () => {
    mkdirSync(path.join(folder, 'dist', 'renderer'), { recursive: true });
    writeFileSync(path.join(folder, 'dist', 'renderer', 'index.html'), '');
    expect(await builtRenderer(() => expect.fail('it is built'), folder)).toBe(
      path.join(folder, 'dist', 'renderer'),
    );
    expect(homeFolder()).toBe(path.resolve(import.meta.dirname, '../../..'));
  });

  it('builds what is not, and says so', async () => {
    mkdirSync(path.join(folder, 'node_modules', 'vite'), { recursive: true });
    mkdirSync(path.join(folder, 'scripts'));
    const page = "'dist/renderer/index.html'";
    const script = `import fs from 'node:fs'; fs.mkdirSync('dist/renderer', { recursive: true }); fs.writeFileSync(${page}, '');`;
    writeFileSync(path.join(folder, 'scripts', 'build.ts'), script);
    const said: string[] = [];
    expect(await builtRenderer((text) => said.push(text), folder)).toBe(
      path.join(folder, 'dist', 'renderer'),
    );
    expect(said.join()).toMatch(/building/i);
  });

  it('says what went wrong, and what to do where nothing can be built', async () => {
    await expect(build(folder, () => {})).rejects.toMatchObject({ code: 'not-built' });
    mkdirSync(path.join(folder, 'node_modules', 'vite'), { recursive: true });
    mkdirSync(path.join(folder, 'scripts'));
    writeFileSync(
      path.join(folder, 'scripts', 'build.ts'),
      'console.error("no such plugin"); process.exit(1);',
    );
    await expect(build(folder, () => {})).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('no such plugin'),
    });
  });
});
