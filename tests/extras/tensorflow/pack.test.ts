/** The TensorFlow pack's manifest that is shipped. */
import { describe, expect, it } from 'vitest';
import { packBytes, readPack } from '../../../main/packs/pack.ts';
import { resourcesFolder } from '../../../main/paths.ts';

describe('the manifest of the TensorFlow pack', () => {
  const pack = readPack(resourcesFolder(), 'tensorflow', 'linux-x64')!;
  const [archive] = pack.archives;

  it('has the C functions, what they need and the licences, and is for Linux x64 alone', () => {
    expect(archive!.members.map(({ file }) => file)).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'tensorflow-cpu.LICENSE',
      'tensorflow-cpu.THIRD_PARTY_NOTICES.txt',
    ]);
    expect(archive).toMatchObject({ package: 'tensorflow-cpu', version: pack.release });
    for (const platform of ['linux-arm64', 'win32-x64', 'darwin-arm64'])
      expect(readPack(resourcesFolder(), 'tensorflow', platform)).toBeNull();
  });

  it('comes from the index’s own file host', () => {
    expect(archive!.url).toMatch(/^https:\/\/files\.pythonhosted\.org\/packages\/.*\.whl$/);
    expect(archive!.url.endsWith(`/${archive!.file}`)).toBe(true);
  });

  it('is as large as the documentation says', () => {
    const { download, disk } = packBytes(pack);
    expect([download / 1e6, disk / 1e6].map((size) => size.toFixed(0))).toEqual(['207', '614']);
  });
});
