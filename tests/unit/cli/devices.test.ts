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
  readManifest,
} from '../../../main/packs/pack.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { machine } from '../../helpers/machines.ts';
import { packsHere } from '../../helpers/pack.ts';

const manifest = readManifest(resourcesFolder());
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
  const folder = packFolder(path.join(home, 'data', 'packs'), 'nvidia');
  fs.mkdirSync(folder, { recursive: true });
  for (const { file, bytes } of manifest.archives.flatMap(({ members }) => members)) {
    fs.writeFileSync(path.join(folder, file), '');
    fs.truncateSync(path.join(folder, file), bytes);
  }
  const { onnxruntime, cuda, preload } = manifest;
  fs.writeFileSync(path.join(folder, LABEL), JSON.stringify({ onnxruntime, cuda, preload }));
}

describe('fettle devices', () => {
  it('tells of a card and the pack as a person reads it', async () => {
    const { world, folder } = machine('rtx-5090');
    const hardware = await probeHardware({ folder, world });
    const text = devicesText(hardware, withState({ kind: 'absent', partBytes: 105e6 }), 200);
    expect(text.replace(/ {2,}/g, ' ')).toMatch(
      /^Processor .*: always usable\n\nGraphics NVIDIA GeForce RTX 5090, driver 580\.82\.09\n/,
    );
    expect(text).toMatch(/CUDA +no: The driver is ready, but the NVIDIA pack .* not here yet/);
    expect(text).toMatch(
      /NVIDIA pack +not here: onnxruntime 1\.30\.0, CUDA 13\.0; 729 MB to download, 105 MB of that are here, 1 GB on the disk -> fettle devices get nvidia/,
    );
  });

  it('says of each state of the pack what to do', async () => {
    const { world, folder } = machine('rtx-5090');
    const hardware = await probeHardware({ folder, world });
    const said = (state: PackState) => devicesText(hardware, withState(state), 300);
    expect(said({ kind: 'ready', folder: '/p/nvidia', bytes: 1e9 })).toContain('ready: onnxruntime');
    expect(said({ kind: 'outdated', release: '1.29.0' })).toContain('made for onnxruntime 1.29.0');
    expect(said({ kind: 'damaged', file: '/p/nvidia/x.so' })).toContain('/p/nvidia/x.so is not as it was');
  });

  it('says nothing of the pack where there is no card for it', async () => {
    const { world, folder } = machine('kubernetes-cgroup1');
    const text = devicesText(
      await probeHardware({ folder, world }),
      withState({ kind: 'absent', partBytes: 0 }),
      100,
    );
    expect(text).toContain('no graphics card was found');
    expect(text).not.toContain('NVIDIA');
  });

  it('prints one object with --json, and help of its own', async () => {
    const { code, out } = await fettle('devices', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found.packs).toEqual([
      expect.objectContaining({
        name: 'nvidia',
        kind: 'absent',
        downloadBytes: packBytes(manifest).download,
      }),
      ...packsFor(resourcesFolder())
        .slice(1)
        .map(({ name }) => expect.objectContaining({ name, kind: 'absent' })),
    ]);
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
    const { code, out } = await fettle('devices', 'get', 'nvidia', '--json');
    expect(code).toBe(0);
    const folder = packFolder(path.join(home, 'data', 'packs'), 'nvidia');
    expect(JSON.parse(out)).toEqual({ pack: 'nvidia', folder, bytes: packBytes(manifest).disk, new: false });
    expect((await fettle('devices', 'remove', 'nvidia')).out).toMatch(/^Deleted the NVIDIA pack, .* freed/);
    expect(fs.existsSync(folder)).toBe(false);
    expect((await fettle('devices', 'remove', 'nvidia')).out).toBe('There was no NVIDIA pack.\n');
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
