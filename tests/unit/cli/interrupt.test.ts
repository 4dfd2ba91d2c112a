import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { onInterrupt, STOP } from '../../../main/cli/command.ts';
import { WAIT_MS } from '../../helpers/limits.ts';

/** A process that says when it hears an interrupt, and goes on until the next one. */
const IMPORT = `import { onInterrupt } from ${JSON.stringify(new URL('../../../main/cli/command.ts', import.meta.url).href)};`;
const PROGRAM = `${IMPORT}
const { stop } = onInterrupt(() => console.log('announced'));
// what came before this is the same press
stop.addEventListener('abort', () => setTimeout(() => console.log('a new press'), 300));
console.log('ready');
setTimeout(() => process.exit(99), ${WAIT_MS});
`;

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** Starts the program; `heard` waits until it has printed `text`. */
function start() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  running.push(child);
  let printed = '';
  child.stdout!.on('data', (chunk) => {
    printed += chunk;
  });
  const heard = async (text: string) => {
    while (!printed.includes(text)) await once(child.stdout!, 'data');
  };
  return { child, heard, ended: once(child, 'exit') };
}

it('asks to stop at the first message on the channel and ends at the second', async () => {
  const { child, heard, ended } = start();
  await heard('ready');
  child.send(STOP);
  await heard('announced');
  await heard('a new press');
  child.send('something else');
  child.send(STOP);
  expect(await ended).toEqual([130, null]);
});

it('keeps no process that has done its work for the sake of the channel', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${IMPORT} onInterrupt(() => {});`], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  running.push(child);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

describe.skipIf(process.platform === 'win32')('onInterrupt', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'asks to stop at the first %s and ends at the second',
    async (signal) => {
      const { child, heard, ended } = start();
      await heard('ready');
      child.kill(signal);
      await heard('announced');
      await heard('a new press');
      child.kill(signal);
      expect(await ended).toEqual([130, null]);
    },
  );
});

it('counts the copy that npm sends of the same Ctrl-C as one press', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const announce = vi.fn();
  const { stop, release } = onInterrupt(announce);
  onTestFinished(() => {
    release();
    exit.mockRestore();
    vi.useRealTimers();
  });
  process.emit('SIGINT');
  vi.advanceTimersByTime(200);
  process.emit('SIGINT');
  expect([stop.aborted, announce.mock.calls.length, exit.mock.calls]).toEqual([true, 1, []]);
  vi.advanceTimersByTime(100);
  process.emit('SIGINT');
  expect([announce.mock.calls.length, exit.mock.calls]).toEqual([1, [[130]]]);
});
