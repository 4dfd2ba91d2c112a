/** What is said of TensorFlow's library: by words of real failures, and by processes that really fail. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { askTensorFlow, tfjsAccess } from '../../../main/extras/tensorflow/library.ts';
import { type Ran, realWorld, type World } from '../../../main/hardware/probe/world.ts';
import { machine } from '../../helpers/machines.ts';
import { LIBRARY } from './own-library.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-tensorflow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A computer on which `name` is installed and trying it ends like this. */
const worldOf = (ran: Ran, name = '@tensorflow/tfjs-node-gpu'): World => ({
  ...machine('no-card').world,
  env: {},
  packageFolder: (wanted) => (wanted === name ? '/packages/it' : null),
  run: async () => ran,
});
const failed = (stderr: string, code = 1) => worldOf({ kind: 'done', code, stdout: '', stderr });
const printed = (said: object, name?: string, stderr = '') =>
  worldOf({ kind: 'done', code: 0, stdout: `a line\n${JSON.stringify(said)}\n`, stderr }, name);
const LOADED = { version: '4.22.0', library: '2.9.1', card: false, sum: 8 };

/** The real computer with a package that does `code`. */
function installed(name: string, code: string): World {
  const home = path.join(folder, name);
  const place = path.join(home, 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'package.json'), '{"name":"@tensorflow/tfjs-node","main":"index.js"}');
  writeFileSync(path.join(place, 'index.js'), code);
  return { ...realWorld(), env: { FETTLE_TFJS_HOME: home } };
}

describe('the words', () => {
  it('say that nothing is installed, without starting anything', async () => {
    const world = { ...machine('no-card').world, run: () => Promise.reject(new Error('was run')) };
    const found = await askTensorFlow(world);
    expect(found).toMatchObject({ usable: false, wasTried: false });
    expect(found.reason).toContain('TensorFlow’s library is not installed');
    expect(found.fix).toBe('Fettle works without it.');
    const named = await askTensorFlow({ ...world, env: { FETTLE_TFJS_HOME: '/empty' } });
    expect(named.reason).toContain(
      'The folder chosen for TensorFlow’s library, /empty, has neither it nor @tensorflow/tfjs-node-gpu',
    );
  });

  it('say what the pack is, would be, or cannot be, without starting anything', async () => {
    const world: World = {
      ...machine('no-card').world,
      run: () => Promise.reject(new Error('was run')),
      platformPack: async () => 'ready',
    };
    expect(await askTensorFlow(world)).toMatchObject({
      ...{ usable: true, onCard: false, fix: null, pack: 'tensorflow' },
      reason: 'The TensorFlow pack is ready and computes on the processor.',
    });
    const absent = await askTensorFlow({ ...world, platformPack: async () => 'absent' });
    expect(absent).toMatchObject({ usable: false, pack: 'tensorflow' });
    const damaged = await askTensorFlow({ ...world, platformPack: async () => 'damaged' });
    expect(damaged.reason).toContain('The TensorFlow pack is outdated or damaged.');
    const old = await askTensorFlow({ ...world, read: async () => 'flags : fpu sse4_2' });
    expect(old).toMatchObject({ usable: false, fix: null });
    expect(old.reason).toContain('needs a processor with AVX');
    const elsewhere = await askTensorFlow({ ...world, platformPack: async () => null });
    expect(elsewhere.pack).toBeUndefined();
    expect(elsewhere.reason).toContain('There is no TensorFlow pack for this system.');
    const named = await askTensorFlow({
      ...{ ...world, env: { FETTLE_TFJS_HOME: '/own' }, platformPack: async () => 'absent' },
      list: async (place) => (place === '/own' ? ['libtensorflow_cc.so.2'] : []),
    });
    expect(named).toMatchObject({ usable: true, reason: expect.stringContaining('is in /own') });
  });

  it.each([
    [
      'Error: The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/lib/napi-v8/tfjs_binding.node.',
      'was not downloaded',
      'Install the package again',
    ],
    [
      'Error: libtensorflow.so.2: cannot open shared object file: No such file or directory\n at Module._extensions..node',
      'libtensorflow.so.2 is missing',
      'Install the package again',
    ],
    [
      "Error: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by x)",
      'GLIBC_2.34',
      null,
    ],
    [
      'Error: The specified module could not be found.\n\\\\?\\C:\\x\\tfjs_binding.node',
      'tensorflow.dll',
      'Copy',
    ],
    [
      "Error: Cannot find module 'google-protobuf'\nRequire stack:",
      'google-protobuf',
      'Install the package again',
    ],
    ['TypeError: (0 , util_1.isNullOrUndefined) is not a function', 'is not a function', null],
  ])('say what “%s” means', async (stderr, words, fix) => {
    const found = await askTensorFlow(failed(stderr));
    expect(found).toMatchObject({ usable: false, wasTried: true });
    expect(found.reason).toContain(words);
    expect(found.reason).toMatch(
      /^@tensorflow\/tfjs-node-gpu is installed in \/packages\/it, but doesn’t load: .*WebAssembly here, on one core\.$/,
    );
    expect(found.fix).toEqual(fix === null ? null : expect.stringContaining(fix));
  });

  it('say that a process was stopped, crashed, or could not be started', async () => {
    expect((await askTensorFlow(worldOf({ kind: 'timed-out' }))).reason).toContain(
      'did not load within 15 s',
    );
    expect((await askTensorFlow(failed('', -1))).reason).toContain('needs a processor with AVX');
    const none = await askTensorFlow(worldOf({ kind: 'missing' }));
    expect([none.wasTried, none.reason]).toEqual([
      false,
      expect.stringContaining('no process could be started'),
    ]);
    const inWindow = await askTensorFlow({ ...failed(''), nodeCommand: null });
    expect([inWindow.wasTried, inWindow.reason]).toEqual([
      false,
      expect.stringContaining('Loading was not tried in this window'),
    ]);
  });

  it('believe a library only after it has added up', async () => {
    const found = await askTensorFlow(printed({ ...LOADED, sum: 7 }));
    expect(found.usable).toBe(false);
  });

  it('say on what it computes, and what the card lacks', async () => {
    const name = '@tensorflow/tfjs-node';
    const plain = await askTensorFlow(printed(LOADED, name));
    expect(plain).toMatchObject({ usable: true, onCard: false, fix: null });
    expect(plain.reason).toBe(`${name} 4.22.0 loads, with TensorFlow 2.9.1, and computes on the processor.`);
    const lacks =
      "Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open";
    const gpu = await askTensorFlow(printed(LOADED, undefined, lacks));
    expect(gpu.reason).toContain('It did not find libcudart.so.11.0.');
    expect(gpu.fix).toContain('cuDNN');
    const onCard = await askTensorFlow(printed({ ...LOADED, card: true }));
    expect(onCard).toMatchObject({ usable: true, onCard: true, fix: null });
  });
});

describe('processes', () => {
  it.each([
    ['throws', "throw new Error('the native addon module is gone')", 'was not downloaded'],
    ['crashes', "process.kill(process.pid, 'SIGILL')", 'needs a processor with AVX'],
    ['leaves', 'process.exit(3)', 'ended with code 3'],
  ])('whose package %s end in words', async (name, code, words) => {
    const found = await askTensorFlow(installed(name, code));
    expect(found.usable).toBe(false);
    expect(found.reason).toContain(words);
  });

  it('whose package works end in a version', async () => {
    const backend = `{ binding: { TF_Version: '2.9.1' }, isUsingGpuDevice: false }`;
    const product = '{ sum: () => ({ dataSync: () => [8] }) }';
    const code = `module.exports = { version_core: '4.22.0', backend: () => (${backend}), ones: () => null, matMul: () => (${product}) };`;
    expect(await askTensorFlow(installed('works', code))).toMatchObject({ usable: true, onCard: false });
  });

  it.skipIf(!LIBRARY)('find the real library, or load the real package, where it is', async () => {
    const real = realWorld();
    // a computer that runs other tests beside this one takes longer than people are kept waiting
    const run: World['run'] = (command, args) => real.run(command, args, 60_000);
    const found = await askTensorFlow({ ...real, run, env: { ...process.env, FETTLE_TFJS_HOME: LIBRARY } });
    expect(found).toMatchObject({ usable: true, reason: expect.stringContaining('on the processor') });
  });
});

describe('the way of a card', () => {
  it('is told by what came of loading', () => {
    const card = { vendor: 'nvidia', driverVersion: '550.1', computeCapability: 8.6, parts: null } as never;
    const ways = {
      platform: 'linux',
      arch: 'x64',
      surroundings: { container: null, wsl: null, virtual: null },
      nvidia: { works: true, problem: null },
      devices: { render: true, nvidia: true },
    } as never;
    const world = worldOf({ kind: 'missing' });
    const access = (facts: object | null) => tfjsAccess(card, ways, facts as never, world);
    const base = { reason: 'R.', fix: 'F.' };
    expect(access(null).reason).toContain('Loading was not tried');
    const on = { ...base, usable: true, onCard: true, wasTried: true };
    expect(access(on)).toMatchObject({ usable: true, reason: expect.stringContaining('R.') });
    const off = { ...base, usable: true, onCard: false, wasTried: true };
    expect(access(off)).toMatchObject({ usable: false, reason: 'R.', fix: 'F.' });
  });
});
