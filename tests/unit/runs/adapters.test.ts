/** A question to WebGPU costs its process and nothing else, however that ends. */
import { describe, expect, it } from 'vitest';
import { askAdapters } from '../../../main/runs/engine-calls.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';

describe('askAdapters', () => {
  it('gives the answer and ends the process', async () => {
    const { fork, engines } = fakeFork();
    const asked = askAdapters(fork);
    const [engine] = engines;
    expect(engine!.sent[0]).toMatchObject({ command: 'call', name: 'adapters' });
    const answer = { problem: null };
    engine!.say({ id: engine!.sent[0]!.id, result: answer });
    expect(await asked).toEqual(answer);
    expect(engine!.isRunning).toBe(false);
  });

  it('ends a process that hangs, and says so', async () => {
    const { fork, engines } = fakeFork();
    const answer = await askAdapters(fork, 20);
    expect(answer).toMatchObject({ isLost: true, problem: expect.stringContaining("didn't answer") });
    expect(engines[0]!.isRunning).toBe(false);
  });

  it('survives a process that a driver takes down, and says how it ended', async () => {
    const { fork, engines } = fakeFork();
    const asked = askAdapters(fork);
    engines[0]!.exit({ code: null, signal: 'SIGSEGV', stderr: 'libGLX_nvidia.so.0' });
    const { problem, isLost } = await asked;
    expect(isLost).toBe(true);
    expect(problem).toMatch(/Asking WebGPU failed\. .+/);
  });
});
