/** A pack whose process is killed while it downloads goes on in the next one; what was recorded is not fetched again. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packBytes, packState, partFolder } from '../../main/packs/pack.ts';
import { happens } from '../helpers/happens.ts';
import { installServed, packsHere, startPackServer } from '../helpers/pack.ts';

const CHILD = path.join(import.meta.dirname, '..', 'helpers', 'pack-child.ts');

it('kill -9 in the middle loses nothing that was recorded', async () => {
  const server = await startPackServer();
  const packs = packsHere();
  try {
    const manifest = path.join(packs, 'manifest.json');
    fs.writeFileSync(manifest, JSON.stringify(server.manifest));
    server.fault = (_, count) => (count > 5 ? 'hang' : null);
    const child = spawn(process.execPath, [CHILD, packs, manifest], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const here = async () => {
      const state = await packState(packs, server.manifest);
      return state.kind === 'absent' ? state.partBytes : 0;
    };
    // not at its next line: all of them may have come, and what is recorded follows
    await happens(async () => expect(await here()).toBeGreaterThan(40_000));
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    expect(fs.existsSync(path.join(partFolder(packs, 'ggml'), 'process'))).toBe(true);

    const recorded = await here();
    expect(recorded).toBeGreaterThan(40_000);
    server.asked.length = 0;
    server.fault = () => null;
    await installServed(server.manifest, packs);
    const fetched = server.asked.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(fetched).toBe(packBytes(server.manifest).download - recorded);
    expect((await packState(packs, server.manifest)).kind).toBe('ready');
  } finally {
    await server.close();
    fs.rmSync(packs, { recursive: true });
  }
});
