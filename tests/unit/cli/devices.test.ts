/** `fettle devices`: what is said of cards and of the pack, and getting and removing it. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../main/cli/cli.ts';
import { devicesText } from '../../../main/cli/devices/list.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import {
  LABEL,
  type PackState,
  packBytes,
  packFolder,
  packsFor,
  readPack,
} from '../../../main/packs/pack.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { machine } from '../../helpers/machines.ts';
import { packsHere } from '../../helpers/pack.ts';

const manifest = readPack(resourcesFolder(), 'ggml', 'linux-x64')!;
const withState = (state: PackState) => [{ pack: manifest, state }];
const before = { ...process.env };
let home: string;

beforeEach(() => {
  home = packsHere();
  process.env.FETTLE_HOME = home;
  delete process.env.FETTLE_PACKS;
});

afterEach(() => {
  process.env = { ...before };
  fs.rmSync(home, { recursive: true });
});

async function fettle(...argv: string[]) {
  const said = { out: '', err: '' };
  const code = await runCommand(argv, {
    out: { write: (text) => (said.out += text) },
    err: { write: (text) => (said.err += text) },
  });
  return { code, ...said };
}

/** A pack of which every file has its size and nothing in it. */
function pretendPack(): void {
  const folder = packFolder(path.join(home, 'data', 'packs'), 'ggml');
  fs.mkdirSync(folder, { recursive: true });
  for (const { file, bytes } of manifest.archives.flatMap(({ members }) => members)) {
    fs.writeFileSync(path.join(folder, file), '');
    fs.truncateSync(path.join(folder, file), bytes);
  }
  fs.writeFileSync(path.join(folder, LABEL), JSON.stringify({ ggml: manifest.release }));
}

describe('fettle devices', () => {
  it('tells of a card and the pack as a person reads it', async () => {
    const { world, folder } = machine('rtx-5090');
    const hardware = await probeHardware({ folder, world });
    const text = devicesText(hardware, withState({ kind: 'absent', partBytes: 10.5e6 }), 200);
    expect(text.replace(/ {2,}/g, ' ')).toMatch(
      /^Processor .*: always usable\n\nGraphics NVIDIA GeForce RTX 5090, driver 580\.82\.09\n/,
    );
    expect(text).toMatch(/ggml +no: ggml’s library for graphics cards is not here/);
    expect(text).toMatch(
      /Vulkan pack +not here: ggml \(node-llama-cpp\) 3\.21\.1; 27\.\d MB to download, 10\.5 MB of that are here, 7\d\.\d MB on the disk -> fettle devices get vulkan/,
    );
  });

  it('says of each state of the pack what to do', async () => {
    const { world, folder } = machine('rtx-5090');
    const hardware = await probeHardware({ folder, world });
    const said = (state: PackState) => devicesText(hardware, withState(state), 300);
    expect(said({ kind: 'ready', folder: '/p/ggml', bytes: 73e6 })).toContain('ready: ggml');
    expect(said({ kind: 'outdated', release: '1.29.0' })).toContain('made for ggml 1.29.0');
    expect(said({ kind: 'damaged', file: '/p/ggml/x.so' })).toContain('/p/ggml/x.so is not as it was');
  });

  it('prints one object with --json, and help of its own', async () => {
    const { code, out } = await fettle('devices', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found.packs).toEqual(
      packsFor(resourcesFolder()).map((pack) =>
        expect.objectContaining({ name: pack.name, kind: 'absent', downloadBytes: packBytes(pack).download }),
      ),
    );
    expect((await fettle('devices', '--help')).out).toContain('fettle devices [flags]');
  });
});

describe('fettle devices get and remove', () => {
  it('knows no other pack', async () => {
    const { code, err } = await fettle('devices', 'get', 'amd');
    expect(code).toBe(2);
    expect(err).toContain('There is no pack "amd"');
  });

  it.each(['speed', 'openvino'])('knows the speed pack as %s', async (name) => {
    const { code, out } = await fettle('devices', 'remove', name);
    expect([code, out]).toEqual([0, 'There was no speed pack.\n']);
  });

  it('has nothing to do where the pack is here, and removes it', async () => {
    pretendPack();
    const { code, out } = await fettle('devices', 'get', 'vulkan', '--json');
    expect(code).toBe(0);
    const folder = packFolder(path.join(home, 'data', 'packs'), 'ggml');
    expect(JSON.parse(out)).toEqual({ pack: 'ggml', folder, bytes: packBytes(manifest).disk, new: false });
    expect((await fettle('devices', 'remove', 'vulkan')).out).toMatch(/^Deleted the Vulkan pack, .* freed/);
    expect(fs.existsSync(folder)).toBe(false);
    expect((await fettle('devices', 'remove', 'vulkan')).out).toBe('There was no Vulkan pack.\n');
  });

  it('finds it where the data folder has moved to', async () => {
    const { pointToPacks } = await import('../../../main/cli/cli.ts');
    const data = path.join(home, 'data');
    const to = path.join(home, 'elsewhere');
    for (const folder of [data, to]) fs.mkdirSync(folder);
    fs.writeFileSync(path.join(data, 'moved.json'), JSON.stringify({ to }));
    pointToPacks();
    expect(process.env.FETTLE_PACKS).toBe(path.join(to, 'packs'));
  });
});
