import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../main/runs/engine-run.ts';
import {
  deathOf,
  looksLikeNoMemory,
  problemAtTerminal,
  problemOf,
  type Remains,
} from '../../../main/runs/problems.ts';
import { reasonOf } from '../../../main/runs/rescue.ts';
import { standingAfter } from '../../../main/runs/rescued-run.ts';
import { DONE } from '../cli/sample-events.ts';

const END = { code: null, signal: null, stderr: '' };
const FRESH = { resumable: false };
const KEPT = { resumable: true };
const BEGUN = { resumable: false, hasBegun: true };
const PREPARING = { resumable: false, hasBegun: false };
/** What C++ says of an exception that nobody catches. */
const THROWN = (what: string) =>
  `terminate called after throwing an instance of 'vk::${what}Error'\n  what():  vk::Queue::submit`;

describe('an engine whose card is lost', () => {
  // ggml's Vulkan throws through C, which ends the process
  const ending = { ...END, signal: 'SIGABRT', stderr: `${THROWN('DeviceLost')}: ErrorDeviceLost` };

  it('is said so on pages and at a terminal, which the rescue goes by', () => {
    expect(looksLikeNoMemory(ending)).toBe(false);
    expect(deathOf(ending, KEPT)).toMatchObject({
      code: 'device-lost',
      hint: expect.stringContaining('Resume'),
    });
    const outcome = { kind: 'died', ending } as const;
    expect(problemAtTerminal(outcome)).toMatchObject({
      ...{ code: 'device-lost', message: 'The graphics card was lost.' },
      hint: expect.stringContaining('--resume'),
    });
    expect(problemAtTerminal(outcome, FRESH)!.hint).not.toContain('--resume');
    expect(reasonOf('device-lost')).toBe('device-lost');
  });
});

describe('an engine without memory', () => {
  it.each([
    [{ ...END, signal: 'SIGKILL' }],
    [{ ...END, signal: 'SIGABRT' }],
    [{ ...END, signal: 'SIGKILL', memoryKill: true }],
    [{ ...END, signal: 'SIGKILL', memoryKill: null }],
    [{ ...END, code: 137 }],
    [{ ...END, code: 7, stderr: 'RuntimeError: Aborted(OOM). Build with -sASSERTIONS for more info.' }],
    [{ ...END, code: 0xc0000017 }],
    [{ ...END, code: 0xc000012d }],
    [{ ...END, code: 134 }],
    [{ ...END, code: 1, stderr: "terminate called after throwing an instance of 'std::bad_alloc'" }],
    [{ ...END, signal: 'SIGABRT', stderr: `${THROWN('OutOfDeviceMemory')}: ErrorOutOfDeviceMemory` }],
    [{ ...END, code: 1, stderr: 'Failed to allocate memory for requested buffer of size 4096' }],
    [{ ...END, code: 5, stderr: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory' }],
  ])('is recognised by %j, in words without flags', (ending) => {
    expect(looksLikeNoMemory(ending)).toBe(true);
    const { code, message, hint } = deathOf(ending, KEPT);
    expect(code).toBe('out-of-memory');
    expect(message).toContain('ran out of memory');
    expect(hint).toContain('Resume');
    expect(`${message} ${hint}`).not.toMatch(/--\w/);
    expect(deathOf(ending, FRESH).hint).not.toContain('Resume');
    expect(deathOf(ending, BEGUN).hint).toContain('Resume to start again');
  });

  it.each([
    [{ ...END, code: 1 }],
    [{ ...END, signal: 'SIGSEGV', stderr: 'a memory card' }],
    [{ ...END, signal: 'SIGABRT', stderr: 'node: x.cc:12: Assertion `ok` failed.' }],
  ])('is not seen in %j', (ending) => {
    expect(looksLikeNoMemory(ending)).toBe(false);
    const { code, message } = deathOf(ending, FRESH);
    expect(code).toBe('engine-died');
    expect(message).toContain(ending.stderr);
  });

  it('is not taken for one that was killed where the system counts its own kills', () => {
    const ending = { ...END, signal: 'SIGKILL', memoryKill: false };
    expect(looksLikeNoMemory(ending)).toBe(false);
    expect(deathOf(ending, KEPT)).toMatchObject({
      code: 'engine-died',
      message: expect.stringContaining('Another program or a person'),
      hint: expect.stringContaining('Resume'),
    });
    expect(deathOf(ending, FRESH).hint).toBe('Start it again.');
  });

  it('is recognised in an error that the engine has caught', () => {
    const failure = { code: null, message: 'Failed to allocate memory', hint: '', stack: '' };
    expect(problemOf(failure, KEPT).code).toBe('out-of-memory');
    expect(problemOf({ ...failure, message: 'x is not a function' }, KEPT)).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('x is not a function'),
    });
  });
});

describe('what becomes of a job', () => {
  const done = { kind: 'done', done: DONE } as const;
  const stopped = { kind: 'stopped', stopped: {} as never } as const;
  const killed = { kind: 'died', ending: { ...END, signal: 'SIGKILL' } } as const;
  const killedByPerson = { kind: 'died', ending: { ...killed.ending, memoryKill: false } } as const;
  const shutDown = { kind: 'died', ending: { ...END, signal: 'SIGTERM' } } as const;
  const crashed = { kind: 'died', ending: { ...END, signal: 'SIGSEGV' } } as const;
  const hung = { kind: 'died', ending: { ...killedByPerson.ending, hungSeconds: 43_200 } } as const;
  const early = {
    kind: 'failed',
    failure: { code: 'stopped', message: 'Stopped before the first step.', hint: '', stack: '' },
  } as const;
  const diverged = { kind: 'failed', failure: { ...early.failure, code: 'diverged' } } as const;

  it.each([
    ['the end', done, null, FRESH, 'done', 'done'],
    ['the end in spite of a wish to stop', done, 'cancel', KEPT, 'done', 'done'],
    ['a pause', stopped, 'pause', KEPT, 'paused', 'paused'],
    ['a stop from elsewhere', stopped, null, KEPT, 'paused', 'paused'],
    ['a pause before the first step', early, 'pause', PREPARING, 'paused', 'paused'],
    ['a cancellation', stopped, 'cancel', KEPT, 'gone', 'stopped'],
    ['a cancellation that needed force', killed, 'cancel', KEPT, 'gone', 'stopped'],
    ['a death with a checkpoint', killed, null, KEPT, 'failed', 'interrupted'],
    ['a death without one', killed, null, FRESH, 'failed', 'failed'],
    ['a kill for memory before its first step', killed, null, PREPARING, 'failed', 'failed'],
    ['a crash before its first step', crashed, null, PREPARING, 'failed', 'failed'],
    ['a hang before its first step', hung, null, PREPARING, 'failed', 'failed'],
    ['a kill from outside before its first step', killedByPerson, null, PREPARING, 'failed', 'interrupted'],
    ['a shutdown before it listens', shutDown, null, PREPARING, 'failed', 'interrupted'],
    ['a shutdown before its first step', early, null, PREPARING, 'paused', 'paused'],
    ['a comparison that was killed', killedByPerson, null, FRESH, 'failed', 'failed'],
    ['a death after its first steps', killed, null, BEGUN, 'failed', 'interrupted'],
    ['an error after its first steps', diverged, null, BEGUN, 'failed', 'failed'],
    ['an error', diverged, null, FRESH, 'failed', 'failed'],
  ] as const)('after %s', (_, outcome, wish, remains, job, run) => {
    const end = standingAfter(outcome, wish, remains);
    expect([end.job, end.run]).toEqual([job, run]);
    expect(end.problem !== null).toBe(job === 'failed');
  });

  it('offers to resume what can be resumed, and nothing else', () => {
    const hintAfter = (outcome: Outcome, remains: Remains) =>
      standingAfter(outcome, null, remains).problem?.hint;
    expect(hintAfter(killedByPerson, PREPARING)).toContain('Resume to start again');
    expect(hintAfter(killedByPerson, FRESH)).toBe('Start it again.');
    expect(hintAfter(crashed, PREPARING)).not.toContain('Resume');
  });
});
