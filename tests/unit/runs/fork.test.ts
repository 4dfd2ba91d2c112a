/** A system that starts no process is told of like any other end: what is thrown would end the application. */
import { expect, it, vi } from 'vitest';
import { forkChild } from '../../../main/runs/fork.ts';

vi.mock('node:child_process', async (original) => ({
  ...(await original<typeof import('node:child_process')>()),
  fork: () => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM', syscall: 'spawn' });
  },
}));

it('is an end without a process, with the reason', async () => {
  const link = forkChild();
  link.send({ command: 'stop' });
  link.kill();
  const ending = await new Promise((resolve) => link.onExit(resolve));
  expect(link.pid).toBeUndefined();
  expect(ending).toMatchObject({ code: null, signal: null, stderr: 'spawn ENOMEM' });
});
