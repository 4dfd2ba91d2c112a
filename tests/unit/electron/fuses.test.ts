/** What is turned off in the packed Electron, and that nothing is left to chance. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import afterPack, { FUSES, packedProgram } from '../../../scripts/fuses.ts';
import { writeElectronStub } from '../../helpers/electron-stub.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-fuses-'));
  writeElectronStub(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const packed = (electronPlatformName: string) => ({
  appOutDir: folder,
  electronPlatformName,
  packager: { executableName: 'electron', appInfo: { productFilename: 'Fettle' } },
});

describe('the fuses', () => {
  test('are flipped in the program', async () => {
    const program = path.join(folder, 'electron');
    expect((await getCurrentFuseWire(program))[FuseV1Options.RunAsNode]).toBe(FuseState.ENABLE);
    await afterPack(packed('linux'));
    const wire = await getCurrentFuseWire(program);
    const { RunAsNode, EnableCookieEncryption, OnlyLoadAppFromAsar } = FuseV1Options;
    expect(wire[RunAsNode]).toBe(FuseState.DISABLE);
    expect(wire[EnableCookieEncryption]).toBe(FuseState.ENABLE);
    expect(wire[OnlyLoadAppFromAsar]).toBe(FuseState.ENABLE);
  });

  test('are all decided, so that a new one stops the packing', () => {
    const known = Object.values(FuseV1Options).filter((fuse) => typeof fuse === 'number');
    for (const fuse of known)
      expect(FUSES[fuse as FuseV1Options], FuseV1Options[fuse as number]).toBeTypeOf('boolean');
    expect(FUSES.strictlyRequireAllFuses).toBe(true);
  });

  test.each([
    ['linux', 'electron'],
    ['darwin', 'Fettle.app'],
    ['win32', 'Fettle.exe'],
  ])('are in the program of %s', (platform, name) => {
    expect(packedProgram(packed(platform))).toBe(path.join(folder, name));
  });
});

test('Electron is pinned to one version', () => {
  const manifest = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
  );
  expect(manifest.devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
});
