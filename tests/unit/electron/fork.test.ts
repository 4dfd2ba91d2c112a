/** A utility process as the supervisor sees it: order of messages, last words, how it ended. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forkFile, signalOf } from '../../../main/electron/fork.ts';

class Child extends EventEmitter {
  pid: number | undefined;
  readonly stderr = new PassThrough();
  readonly sent: unknown[] = [];
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  kill = vi.fn();
  start(pid = 424_242): void {
    this.pid = pid;
    this.emit('spawn');
  }
}

const { state } = vi.hoisted(() => ({ state: { child: null as unknown, options: null as unknown } }));
vi.mock('electron', () => ({
  utilityProcess: {
    fork: (_file: string, _args: string[], options: unknown) => {
      state.options = options;
      return state.child;
    },
  },
}));

// what the system counts of its own kills is not the same on all machines
vi.mock('../../../main/runs/fork.ts', async (original) => ({
  ...(await original<object>()),
  watchMemory: () => ({ wasKilled: () => true }),
}));

let child: Child;
beforeEach(() => {
  child = new Child();
  state.child = child;
});
afterEach(() => vi.restoreAllMocks());

test('messages wait until the process has started, and keep their order', () => {
  const link = forkFile('engine.js');
  link.send(1);
  link.send(2);
  expect(child.sent).toEqual([]);
  expect(link.pid).toBeUndefined();
  child.start(77);
  link.send(3);
  expect(child.sent).toEqual([1, 2, 3]);
  expect(link.pid).toBe(77);
});

test('what the process sends is passed on', () => {
  const heard: unknown[] = [];
  forkFile('engine.js').onMessage((message) => heard.push(message));
  child.emit('message', { beat: 1 });
  expect(heard).toEqual([{ beat: 1 }]);
});

test('its end is told with its last words, also those that come after the news', async () => {
  const link = forkFile('engine.js');
  const ended = new Promise((resolve) => link.onExit(resolve));
  child.start();
  child.emit('exit', 3);
  child.stderr.end('the last words\n');
  expect(await ended).toEqual({ code: 3, signal: null, stderr: 'the last words', memoryKill: true });
  link.send('too late');
  expect(child.sent).toEqual([]);
});

test('a process that the system has killed is told as one, with the fault that V8 has named', async () => {
  const link = forkFile('engine.js');
  const ended = new Promise((resolve) => link.onExit(resolve));
  child.start();
  child.emit('error', 'FatalError', 'v8::Array', '{}');
  child.stderr.end();
  child.emit('exit', 9);
  expect(await ended).toEqual({
    code: null,
    signal: 'SIGKILL',
    stderr: 'FatalError in v8::Array',
    memoryKill: true,
  });
});

test('it is ended by force, also when that is asked for before it has started', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const link = forkFile('engine.js');
  link.kill();
  expect(kill).not.toHaveBeenCalled();
  child.start(99);
  expect(kill).toHaveBeenCalledWith(99, 'SIGKILL');
});

test.each([
  [0, null],
  [1, null],
  [9, 'SIGKILL'],
  [137, 'SIGKILL'],
  [134, 'SIGABRT'],
  [139, 'SIGSEGV'],
  [255, null],
])('wait status %i is signal %s', (code, signal) => {
  expect(signalOf(code, 'linux')).toBe(signal);
  expect(signalOf(code, 'win32')).toBeNull();
});
