/** The supervisor with engines whose part is played by hand: order, time, what is asked of them, how they end. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, NumberedEvent } from '../../../common/api/contract.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { useLanguage } from '../../../common/words/language.ts';
import { logIn } from '../../../main/log.ts';
import type { Supervisor } from '../../../main/runs/supervisor.ts';
import { openSupervisor, type SupervisorOptions } from '../../../main/runs/supervisor.ts';
import { type FakeEngine, fakeFork } from '../../helpers/fake-engine.ts';
import { happens } from '../../helpers/happens.ts';
import { type QuickHost, quickHost } from '../../helpers/quick-host.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';
import { DONE, EVAL, START, step } from '../cli/sample-events.ts';

let at: RunStore;
let host: QuickHost;
let engines: FakeEngine[];
let supervisor: Supervisor;
let clock: number;

const NOON = Date.parse('2026-11-25T12:00:00Z');

function open(more: Partial<SupervisorOptions> = {}): Supervisor {
  const fake = fakeFork();
  engines = fake.engines;
  host = quickHost(fake.fork);
  return openSupervisor({ store: at.store, host, now: () => clock, pollMs: 5, politeMs: 20, ...more });
}

beforeEach(async () => {
  at = await runStore();
  clock = NOON;
  supervisor = open();
});
afterEach(async () => {
  await supervisor.close({ pause: false });
  at.close();
});

const states = () => supervisor.list().map(({ name, state }) => `${name} ${state}`);
const stateOf = (name: string) => supervisor.list().find((job) => job.name === name)?.state;
const runState = (job: Job) => at.store.runs.get(job.runId).state;
const say = (engine: FakeEngine, ...events: EngineEvent[]) => {
  for (const event of events) engine.say({ event });
};
const finish = (engine: FakeEngine) => {
  say(engine, { ...DONE, steps: 300 });
  engine.exit();
};
const settle = () => new Promise((resolve) => setImmediate(resolve));
const STOPPED = { event: 'stopped', step: 3, steps: 300, checkpoint: 'c', resume: 'fettle train' } as const;

describe('a fault of the engine', () => {
  it('is logged with its stack, which its job and its run show, too', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(1));
    const stack = 'TypeError: x is not a function\n    at step (step.ts:7:3) of hf_abcdefghijklmnop';
    engines[0]!.say({ failed: { code: null, message: 'x is not a function', hint: '', stack } });
    engines[0]!.exit();
    await happens(() => expect(stateOf('a')).toBe('failed'));
    const details = stack.replace('abcdefghijklmnop', '…');
    const { problem } = supervisor.list()[0]!;
    expect(problem).toMatchObject({ code: 'internal', details });
    expect(problem?.hint).toContain('Copy the details');
    expect(at.store.runs.get(job.runId).problem).toMatchObject({ details });
    expect(readFileSync(logIn(at.store).file, 'utf8')).toContain(details);
  });

  it('that ended its process has its last words in the log', async () => {
    supervisor.train(at.run('a'), {});
    engines[0]!.exit({ code: 139, signal: 'SIGSEGV', stderr: 'first line\nlast line' });
    await happens(() => expect(stateOf('a')).toBe('failed'));
    expect(supervisor.list()[0]?.problem?.details).toBe('first line\nlast line');
    expect(readFileSync(logIn(at.store).file, 'utf8')).toContain('first line\nlast line');
  });
});

describe('the queue', () => {
  it('runs one job at a time, in the order that a person gives it', async () => {
    const jobs = ['a', 'b', 'c'].map((name) => supervisor.train(at.run(name), {}));
    expect(states()).toEqual(['a starting', 'b waiting', 'c waiting']);
    supervisor.reorder([jobs[2]!.id, jobs[1]!.id]);
    expect(engines).toHaveLength(1);
    say(engines[0]!, START, step(1));
    expect(stateOf('a')).toBe('running');
    finish(engines[0]!);
    await settle();
    expect(states()).toEqual(['a done', 'c starting', 'b waiting']);
    finish(engines[1]!);
    await settle();
    finish(engines[2]!);
    await settle();
    expect(states()).toEqual(['a done', 'c done', 'b done']);
    expect(jobs.map(runState)).toEqual(['done', 'done', 'done']);
    supervisor.dismiss(jobs[0]!.id);
    expect(states()).toEqual(['c done', 'b done']);
  });

  it('asks for room before each job starts, also before one that has waited', async () => {
    await supervisor.close({ pause: false });
    const seen: number[] = [];
    supervisor = open({ makeRoom: () => seen.push(engines.length) });
    for (const name of ['a', 'b']) supervisor.train(at.run(name), {});
    expect(seen).toEqual([0]);
    finish(engines[0]!);
    await settle();
    expect(seen).toEqual([0, 1]);
    expect(engines).toHaveLength(2);
    finish(engines[1]!);
    await settle();
  });

  it('starts a job at its time, and lets others go before it', async () => {
    const late = supervisor.train(at.run('late'), { startAt: '2026-11-25T22:00:00.000Z' });
    expect(late).toMatchObject({ state: 'scheduled', startAt: '2026-11-25T22:00:00.000Z' });
    supervisor.train(at.run('now'), {});
    finish(engines[0]!);
    await happens(() => expect(stateOf('now')).toBe('done'));
    clock = Date.parse('2026-11-25T21:59:59Z');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(engines).toHaveLength(1);
    clock += 1000;
    await happens(() => expect(stateOf('late')).toBe('starting'));
  });

  it('gives another time to a job, or none', () => {
    const job = supervisor.train(at.run('a'), { startAt: '2026-11-25T22:00:00.000Z' });
    supervisor.schedule(job.id, '2026-11-26T03:00:00.000Z');
    expect(supervisor.list()[0]).toMatchObject({ state: 'scheduled', startAt: '2026-11-26T03:00:00.000Z' });
    supervisor.schedule(job.id, null);
    expect(supervisor.list()[0]).toMatchObject({ state: 'starting', startAt: null });
    expect(() => supervisor.schedule(job.id, null)).toThrow(/is already running/);
  });

  it('takes each training once, and knows nothing of jobs that are gone', () => {
    const run = at.run('a');
    supervisor.train(run, {});
    expect(() => supervisor.train(run, {})).toThrow(/already in the list/);
    expect(() => supervisor.resume('gone')).toThrow(/job has ended/);
  });

  it.each([true, false])(
    'leaves out a run that was deleted while it waited, for good: %s',
    async (isPurged) => {
      const a = at.run('a');
      supervisor.train(a, {});
      const b = supervisor.train(at.run('b'), {});
      supervisor.train(at.run('c'), {});
      at.store.runs.bin([b.runId]);
      if (isPurged) await at.store.runs.purge([b.runId]);
      finish(engines[0]!);
      await settle();
      expect(states()).toEqual(['a done', 'c starting']);
    },
  );

  it('takes a run out of the bin that is worked with', () => {
    const { id } = at.run('a');
    at.store.runs.bin([id]);
    supervisor.assess(at.store.runs.get(id));
    expect(at.store.runs.get(id).binned).toBeNull();
    expect(states()).toEqual(['a starting']);
  });
});

describe('what the engine is told', () => {
  it('is the whole configuration, with the prompts of the person', () => {
    supervisor.train(at.run('a', { seed: 7 }, ['Hello?', ' ']), {});
    expect(engines[0]!.sent).toEqual([
      expect.objectContaining({
        command: 'train',
        resume: false,
        config: expect.objectContaining({ seed: 7, samplePrompts: ['Hello?'] }),
      }),
    ]);
  });

  it('is to stop for a pause, and to go on from the checkpoint afterwards', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(3));
    const paused = supervisor.pause(job.id);
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'stop' });
    expect(stateOf('a')).toBe('pausing');
    say(engines[0]!, STOPPED);
    engines[0]!.exit();
    await paused;
    expect([stateOf('a'), runState(job)]).toEqual(['paused', 'paused']);
    expect(supervisor.list()[0]).toMatchObject({ step: 3, steps: 300, fraction: 0.01, doing: '' });
    expect(supervisor.resume(job.id).state).toBe('starting');
    expect(engines[1]!.sent[0]).toMatchObject({ command: 'train', resume: true });
    expect(host.notices).toEqual([]);
  });

  it('is to finish, also where the training has been paused', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(3));
    await supervisor.finish(job.id);
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'finish' });
    expect(stateOf('a')).toBe('stopping');
    say(engines[0]!, STOPPED);
    engines[0]!.exit();
    await settle();
    expect(stateOf('a')).toBe('paused');
    await supervisor.finish(job.id);
    expect(engines[1]!.sent.map(({ command }) => command)).toEqual(['train', 'finish']);
  });

  describe('while a training that was ended early compares', () => {
    const COMPARING = { event: 'phase', phase: 'assess', detail: 'quiz', fraction: 0.2 } as const;
    const EARLY = { ...DONE, steps: 3, reason: 'finished-early' } as const;

    it.each(['skip', 'cancel'] as const)('a %s ends the comparison and keeps the result', async (how) => {
      const job = supervisor.train(at.run('a', { assess: true }), {});
      say(engines[0]!, START, step(3));
      await expect(supervisor.skip(job.id)).rejects.toThrow('There is no comparison to skip.');
      await supervisor.finish(job.id);
      expect(supervisor.list()[0]).toMatchObject({ state: 'stopping' });
      say(engines[0]!, COMPARING);
      expect(supervisor.list()[0]).toMatchObject({ state: 'running', comparing: true });
      const skipped = supervisor[how](job.id);
      expect(engines[0]!.sent.at(-1)).toEqual({ command: 'stop' });
      expect(stateOf('a')).toBe('stopping');
      await new Promise((resolve) => setTimeout(resolve, 40));
      // longer than a cancelled job gets before it is ended by force
      expect(engines[0]!.isRunning).toBe(true);
      say(engines[0]!, COMPARING, { event: 'warning', code: 'not-assessed', message: 'Skipped.' }, EARLY);
      engines[0]!.exit();
      await skipped;
      expect([stateOf('a'), runState(job)]).toEqual(['done', 'stopped-early']);
      expect(at.store.runs.get(job.runId).done).toMatchObject({ reason: 'finished-early' });
      expect(at.store.runs.finished(10)).toHaveLength(1);
    });
  });

  it('is to end when it is cancelled, by force where it does not', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(3));
    await supervisor.cancel(job.id);
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'stop' });
    expect(engines[0]!.isRunning).toBe(false);
    expect([states(), runState(job)]).toEqual([[], 'stopped']);
  });

  it('is the language of the reader, also where that changes', async () => {
    supervisor.train(at.run('a'), {});
    say(engines[0]!, START, { event: 'phase', phase: 'load', detail: 'shard 1 of 2', fraction: 0.5 });
    expect(supervisor.list()[0]!.doing).toBe('Loading the model: shard 1 of 2');
    try {
      await useLanguage('de');
      supervisor.speak();
      expect(engines[0]!.sent.at(-1)).toEqual({ command: 'speak', language: 'de' });
      // the engine says the details again
      expect(supervisor.list()[0]!.doing).toBe('Modell wird geladen');
      say(engines[0]!, step(1));
      expect(supervisor.list()[0]!.doing).toBe('');
    } finally {
      await useLanguage('en');
    }
  });

  it('is nothing for a job that has not begun', async () => {
    supervisor.train(at.run('a'), {});
    const b = supervisor.train(at.run('b'), {});
    await expect(supervisor.finish(b.id)).rejects.toThrow(/has not begun/);
    await supervisor.pause(b.id);
    expect(stateOf('b')).toBe('paused');
    finish(engines[0]!);
    await settle();
    expect(engines).toHaveLength(1);
    await supervisor.cancel(b.id);
    expect([states(), runState(b)]).toEqual([['a done'], 'stopped']);
  });
});

describe('other work', () => {
  it('assesses and exports, and keeps what came of it', async () => {
    const run = at.run('a');
    const verdict = { learned: 'yes', forgot: 'nothing', sentence: 'It learned.' };
    supervisor.assess(run);
    supervisor.export(run, { run: run.folder, as: 'peft', out: 'x' } as never);
    expect(engines[0]!.sent).toEqual([
      { command: 'call', id: 1, name: 'assess', input: { run: run.folder }, language: 'en' },
    ]);
    engines[0]!.say({ id: 1, event: { event: 'phase', phase: 'assess', detail: 'quiz', fraction: 0.5 } });
    expect(supervisor.list()[0]).toMatchObject({ state: 'running', fraction: 0.5 });
    const [assess] = supervisor.list();
    await expect(supervisor.pause(assess!.id)).rejects.toThrow(/can't be paused/);
    engines[0]!.say({ id: 1, result: { version: 1, verdict, created: '2026-11-25T12:00:00Z' } });
    await settle();
    expect(at.store.assessments.get(run.id)).toMatchObject({ verdict });
    expect(engines[1]!.sent[0]).toMatchObject({ name: 'export', input: { as: 'peft' } });
    engines[1]!.say({
      id: 1,
      result: { as: 'peft', out: at.folder, files: [], proved: 'It says the same.' },
    });
    await settle();
    expect(at.store.exports.list(run.id)).toHaveLength(1);
    expect(host.notices).toEqual([
      '“a” has been compared: It learned.',
      '“a” is exported: It says the same.',
    ]);
    // what becomes of the run's copies says nothing of the run
    expect(at.store.runs.get(run.id).state).toBe('waiting');
    expect(at.store.events.read(run.id)).toEqual([]);
  });

  describe('an export while something trains', () => {
    const copy = (name: string) => {
      const run = at.run(name);
      at.store.runs.update(run.id, { start: { ...START, parameters: 1000 } });
      return supervisor.export(run, { run: run.folder, as: 'peft', out: name } as never);
    };
    const saved = async (engine: FakeEngine) => {
      engine.say({ id: 1, result: { as: 'peft', out: at.folder, files: [], proved: 'Same.' } });
      await settle();
    };

    it('is made beside it, one after the other', async () => {
      supervisor = open({ freeBytes: () => 8000 });
      const training = supervisor.train(at.run('a'), {});
      supervisor.train(at.run('b'), {});
      copy('c');
      copy('d');
      expect(states()).toEqual(['a starting', 'b waiting', 'c starting', 'd waiting']);
      say(engines[0]!, START, step(3));
      await saved(engines[1]!);
      expect(states()).toEqual(['a running', 'b waiting', 'c done', 'd starting']);
      expect(host.awake.at(-1)).toBe(true);
      // what is asked of one is not asked of the other
      await supervisor.cancel(training.id);
      expect(states()).toEqual(['b starting', 'c done', 'd starting']);
      await saved(engines[2]!);
      expect(states()).toEqual(['b starting', 'c done', 'd done']);
    });

    it('goes first where there is no memory for both', async () => {
      supervisor = open({ freeBytes: () => 7999 });
      supervisor.train(at.run('a'), {});
      supervisor.train(at.run('b'), {});
      copy('c');
      expect(states()).toEqual(['a starting', 'b waiting', 'c waiting']);
      finish(engines[0]!);
      await settle();
      expect(states()).toEqual(['a done', 'b waiting', 'c starting']);
      await saved(engines[1]!);
      expect(states()).toEqual(['a done', 'b starting', 'c done']);
    });

    it('waits for a training of its own run', () => {
      supervisor = open({ freeBytes: () => 8000 });
      const run = at.run('a');
      at.store.runs.update(run.id, { start: { ...START, parameters: 1000 } });
      supervisor.train(run, {});
      supervisor.export(run, { run: run.folder, as: 'peft', out: 'x' } as never);
      expect(states()).toEqual(['a starting', 'a waiting']);
    });
  });

  it('is cancelled by its own word', async () => {
    const job = supervisor.assess(at.run('a'));
    const cancelled = supervisor.cancel(job.id);
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'cancel', id: 1 });
    engines[0]!.say({
      id: 1,
      failed: { code: 'stopped', message: 'It was cancelled.', hint: '', stack: '' },
    });
    await cancelled;
    expect(states()).toEqual([]);
  });
});

describe('an engine that dies', () => {
  it('before its first step ends the run, with the reason', async () => {
    const job = supervisor.train(at.run('a', { rescue: false }), {});
    say(engines[0]!, START);
    engines[0]!.exit({ code: 1, stderr: 'std::bad_alloc' });
    await settle();
    expect(engines).toHaveLength(1);
    expect(supervisor.list()[0]).toMatchObject({ state: 'failed', problem: { code: 'out-of-memory' } });
    expect(at.store.runs.get(job.runId)).toMatchObject({
      state: 'failed',
      problem: { code: 'out-of-memory' },
    });
    expect(at.store.events.read(job.runId).at(-1)?.event).toMatchObject({ event: 'error' });
    expect(host.notices).toHaveLength(1);
  });

  it('before its first step by another hand leaves a run that can be resumed', async () => {
    const run = at.run('a');
    const job = supervisor.train(run, {});
    engines[0]!.exit({ code: null, signal: 'SIGKILL', memoryKill: false });
    await settle();
    expect([stateOf('a'), runState(job)]).toEqual(['failed', 'interrupted']);
    expect(at.store.runs.get(run.id).problem?.hint).toContain('Resume');
    supervisor.resumeRun(at.store.runs.get(run.id));
    expect(states()).toEqual(['a starting']);
  });

  it('with a checkpoint leaves a run that can be resumed, by its job or without it', async () => {
    const run = at.run('a');
    const job = supervisor.train(run, {});
    const checkpoints = path.join(run.folder, 'checkpoints');
    mkdirSync(checkpoints, { recursive: true });
    writeFileSync(path.join(checkpoints, 'step-00000003.safetensors'), '');
    engines[0]!.exit({ code: null, signal: 'SIGSEGV' });
    await settle();
    expect([stateOf('a'), runState(job)]).toEqual(['failed', 'interrupted']);
    supervisor.dismiss(job.id);
    const again = supervisor.resumeRun(at.store.runs.get(run.id));
    expect(engines[1]!.sent[0]).toMatchObject({ command: 'train', resume: true });
    expect(supervisor.resumeRun(at.store.runs.get(run.id)).id).toBe(again.id);
    expect(states()).toEqual(['a starting']);
  });

  it('is not taken for dead when it is only silent', async () => {
    supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(3));
    expect(supervisor.list()[0]!.doing).toBe('');
    clock += 59_000;
    expect(supervisor.list()[0]!.doing).toBe('');
    clock += 66_000;
    expect(supervisor.list()[0]).toMatchObject({
      state: 'running',
      doing: expect.stringContaining('Not responding for 2 minutes'),
    });
    expect(engines[0]!.isRunning).toBe(true);
    engines[0]!.say({ beat: { rssBytes: 1 } });
    expect(supervisor.list()[0]!.doing).toBe('');
  });
});

describe('an engine that gets no memory', () => {
  const SIZED = { ...START, tokensAtOnce: 1024, leastTokensAtOnce: 512 };
  const noMemory = { code: 1, stderr: 'std::bad_alloc' };

  it('is followed by another one with settings that take less, which is told and kept', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, SIZED, step(40), { event: 'checkpoint', step: 30, path: 'c', bytes: 1 }, step(41));
    engines[0]!.exit(noMemory);
    await settle();
    expect(supervisor.list()[0]).toMatchObject({
      ...{ state: 'running', problem: null },
      doing: 'Starting again with lighter settings',
    });
    expect(engines[1]!.sent[0]).toMatchObject({
      ...{ command: 'train', resume: true },
      config: { splitMicroBatch: 2 },
    });
    say(engines[1]!, { ...SIZED, stepsDone: 30, tokensAtOnce: 512 }, step(31));
    finish(engines[1]!);
    await settle();
    const run = at.store.runs.get(job.runId);
    expect(run).toMatchObject({
      state: 'done',
      problem: null,
      config: { splitMicroBatch: 2, recompute: 'none' },
    });
    const events = at.store.events.read(job.runId).map(({ event }) => event);
    expect(events.filter(({ event }) => event === 'rescue')).toEqual([
      expect.objectContaining({
        ...{
          attempt: 1,
          failedAfter: 41,
          resumesFrom: 30,
          changes: { splitMicroBatch: 2 },
          sameNumbers: true,
        },
        message: expect.stringContaining('after step 41. It continues from step 30: with at most 512 tokens'),
      }),
    ]);
    expect(events.map(({ event }) => event)).not.toContain('error');
    expect(host.notices).toHaveLength(1);
  });

  it('ends the run in the end, with a word about what was tried', async () => {
    const job = supervisor.train(at.run('a', { recompute: 'block' }), {});
    for (const tokensAtOnce of [1024, 512]) {
      say(engines.at(-1)!, { ...SIZED, tokensAtOnce });
      engines.at(-1)!.exit(noMemory);
      await settle();
    }
    expect(engines).toHaveLength(2);
    const problem = {
      code: 'out-of-memory',
      hint: expect.stringMatching(/^1 retry with lighter settings failed too\./),
    };
    expect(supervisor.list()[0]).toMatchObject({ state: 'failed', problem });
    expect(at.store.runs.get(job.runId)).toMatchObject({ state: 'failed', problem });
  });

  it.each(['pause', 'cancel'] as const)(
    'is not followed by another one after the wish to %s',
    async (wish) => {
      const job = supervisor.train(at.run('a'), {});
      say(engines[0]!, SIZED, step(3));
      const done = supervisor[wish](job.id);
      engines[0]!.exit(noMemory);
      await done;
      expect(engines).toHaveLength(1);
    },
  );

  it('is ended like any other, and so is one that was killed while it is counted who kills', async () => {
    supervisor.train(at.run('a'), {});
    say(engines[0]!, SIZED, step(3));
    engines[0]!.exit({ code: null, signal: 'SIGKILL', memoryKill: false });
    await settle();
    expect(supervisor.list()[0]).toMatchObject({ state: 'failed', problem: { code: 'engine-died' } });
    const second = supervisor.train(at.run('b'), {});
    say(engines[1]!, SIZED);
    engines[1]!.exit({ code: null, signal: 'SIGKILL', memoryKill: true });
    await settle();
    say(engines[2]!, SIZED, step(1));
    const cancelled = supervisor.cancel(second.id);
    expect(engines[2]!.sent.at(-1)).toEqual({ command: 'stop' });
    say(engines[2]!, STOPPED);
    engines[2]!.exit();
    await cancelled;
    expect(stateOf('b')).toBeUndefined();
  });
});

describe('what is recorded', () => {
  it('is every event once, numbered, and what it says of the run', async () => {
    const job = supervisor.train(at.run('a'), {});
    const phase = { event: 'phase', phase: 'tokenize' } as const;
    say(engines[0]!, { ...phase, fraction: 0.1 }, { ...phase, fraction: 0.6 });
    say(engines[0]!, { ...START, dataHash: 'abc', modelHash: 'def' }, step(1), step(2), EVAL, step(3));
    clock += 90_000;
    finish(engines[0]!);
    await settle();
    const events = at.store.events.read(job.runId);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
    expect(events.map(({ event }) => event.event)).toEqual([
      ...['phase', 'start', 'step', 'step', 'eval', 'step', 'done'],
    ]);
    expect(at.store.runs.get(job.runId)).toMatchObject({
      ...{ state: 'done', steps: 300, step: 300, bestLoss: EVAL.loss, seconds: 90 },
      ...{ executor: 'ort', dataHash: 'abc', modelHash: 'def' },
      ...{ started: '2026-11-25T12:00:00.000Z', ended: '2026-11-25T12:01:30.000Z' },
    });
  });

  it('is given to whoever listens from any number on, without hole or double', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(1), step(2), EVAL);
    const first: number[] = [];
    const leave = new AbortController();
    for await (const { number } of supervisor.events(job.runId, 0, leave.signal)) {
      first.push(number);
      // the page is closed in the middle of a burst
      if (number === 2) say(engines[0]!, step(3), step(4));
      if (number === 3) leave.abort();
    }
    expect(first).toEqual([1, 2, 3]);
    const rest = collect(supervisor.events(job.runId, 3));
    const all = collect(supervisor.events(job.runId, 0));
    for (let n = 5; n < 105; n++) {
      say(engines[0]!, step(n));
      if (n % 10 === 0) await settle();
      if (n % 25 === 0) say(engines[0]!, { ...EVAL, step: n });
    }
    finish(engines[0]!);
    const numbers = (await all).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    expect((await rest).map(({ number }) => number)).toEqual(numbers.slice(3));
    expect(numbers).toHaveLength(1 + 104 + 1 + 4 + 1);
    expect((await all).at(-1)?.event.event).toBe('done');
  });

  it('goes on in the same numbers after a pause, to a listener who stayed', async () => {
    const job = supervisor.train(at.run('a'), {});
    const heard = collect(supervisor.events(job.runId, 0));
    say(engines[0]!, START, step(1));
    const paused = supervisor.pause(job.id);
    say(engines[0]!, STOPPED);
    engines[0]!.exit();
    await paused;
    clock += 1000;
    supervisor.resume(job.id);
    say(engines[1]!, { ...START, stepsDone: 1 }, step(2));
    finish(engines[1]!);
    expect((await heard).map(({ number, event }) => `${number} ${event.event}`)).toEqual([
      ...['1 start', '2 step', '3 stopped', '4 start', '5 step', '6 done'],
    ]);
  });

  it('counts the seconds while it goes on, without a pause and with what was before it', async () => {
    const job = supervisor.train(at.run('a'), {});
    const seconds = () => at.store.runs.get(job.runId).seconds;
    clock += 40_000;
    say(engines[0]!, START, step(1), EVAL);
    expect(seconds()).toBe(40);
    clock += 20_000;
    const paused = supervisor.pause(job.id);
    say(engines[0]!, STOPPED);
    engines[0]!.exit();
    await paused;
    clock += 3_600_000;
    supervisor.resume(job.id);
    clock += 30_000;
    say(engines[1]!, { ...START, stepsDone: 1 }, step(2), EVAL);
    expect(seconds()).toBe(90);
    clock += 5000;
    finish(engines[1]!);
    await settle();
    expect(seconds()).toBe(95);
  });

  it('is shown by the host: progress, sleep, and a word at the end', async () => {
    supervisor.train(at.run('a'), {});
    expect(host.awake).toEqual([true]);
    say(engines[0]!, START, step(30), step(31), step(150));
    expect(host.fractions).toEqual([0, 0.1, 0.5]);
    finish(engines[0]!);
    await settle();
    expect([host.fractions.at(-1), host.awake]).toEqual([null, [true, false]]);
    expect(host.notices).toEqual(['“a” is trained: Open Fettle to see the result.']);
  });

  it('keeps still where the settings say so', async () => {
    at.store.settings.set({ notify: false, keepAwake: false });
    supervisor.train(at.run('a'), {});
    finish(engines[0]!);
    await settle();
    expect(host.notices).toEqual([]);
    expect(host.awake).not.toContain(true);
  });
});

it('tells watchers the list now and after each change, until they leave', async () => {
  const leave = new AbortController();
  const seen: string[] = [];
  for await (const jobs of supervisor.watch(leave.signal)) {
    seen.push(jobs.map(({ name, state }) => `${name} ${state}`).join());
    if (seen.length === 1) supervisor.train(at.run('a'), {});
    if (seen.length === 2) finish(engines[0]!);
    if (seen.length === 3) leave.abort();
  }
  expect(seen).toEqual(['', 'a starting', 'a done']);
});

describe('after the application has died', () => {
  it('offers what was going on for resuming, and lets the rest wait for a word', async () => {
    const [a, b] = ['a', 'b'].map((name) => supervisor.train(at.run(name), {}));
    supervisor.train(at.run('late'), { startAt: '2026-11-25T22:00:00.000Z' });
    supervisor.train(at.run('missed'), { startAt: '2026-11-25T12:30:00.000Z' });
    const lost = at.run('lost');
    at.store.runs.update(lost.id, { state: 'running', started: new Date(NOON).toISOString() });
    say(engines[0]!, START, step(1));
    await supervisor.close({ pause: false });
    clock += 3_600_000;
    await at.reopen();
    supervisor = open();
    supervisor.recover();
    expect(states()).toEqual(['a paused', 'b paused', 'late scheduled', 'missed paused']);
    expect([runState(a!), runState(b!), at.store.runs.get(lost.id).state]).toEqual([
      ...['interrupted', 'paused', 'interrupted'],
    ]);
    expect(supervisor.list()[0]).toMatchObject({ problem: { code: 'interrupted' }, step: 1, steps: 300 });
    expect(engines).toHaveLength(0);
    expect(at.store.events.read(a!.runId).map(({ event }) => event.event)).toEqual(['start', 'step']);
    supervisor.resume(a!.id);
    expect(engines[0]!.sent[0]).toMatchObject({ resume: true });
    say(engines[0]!, START);
    expect(at.store.events.lastNumber(a!.runId)).toBe(3);
  });

  it('says how far a training is by its run, also where it was further before it was resumed', async () => {
    const begun = [{ assess: false }, { assess: true }].map((config, i) => at.run(`run ${i}`, config));
    for (const run of begun) {
      const job = supervisor.train(run, {});
      say(engines.at(-1)!, START, step(36));
      await supervisor.close({ pause: false });
      await at.reopen();
      supervisor = open();
      supervisor.recover();
      expect(supervisor.list().find(({ id }) => id === job.id)).toMatchObject({ step: 36, steps: 300 });
      supervisor.resume(job.id);
      say(engines.at(-1)!, { ...START, stepsDone: 8 }, step(9), step(11));
      const whileGoing = supervisor.list().find(({ id }) => id === job.id)!;
      await supervisor.close({ pause: false });
      await at.reopen();
      supervisor = open();
      supervisor.recover();
      const { step: taken, steps, fraction, state } = supervisor.list().find(({ id }) => id === job.id)!;
      expect([state, taken, steps]).toEqual(['paused', 11, 300]);
      expect(fraction).toBe(whileGoing.fraction);
      expect(at.store.runs.get(run.id).step).toBe(taken);
      await supervisor.cancel(job.id);
    }
  });

  it('takes a training for done that had said so', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(300), { ...DONE, steps: 300 });
    await supervisor.close({ pause: false });
    await at.reopen();
    supervisor = open();
    supervisor.recover();
    expect([states(), runState(job)]).toEqual([[], 'done']);
    expect(at.store.runs.get(job.runId)).toMatchObject({ step: 300, problem: null, done: { event: 'done' } });
  });

  it('looks a second time for runs that were too young to tell', async () => {
    vi.useFakeTimers();
    const young = at.run('young');
    at.store.runs.update(young.id, { state: 'running', started: new Date(clock - 1000).toISOString() });
    supervisor.recover();
    expect(at.store.runs.get(young.id).state).toBe('running');
    clock += 31_000;
    vi.advanceTimersByTime(31_000);
    vi.useRealTimers();
    expect(at.store.runs.get(young.id).state).toBe('interrupted');
  });

  it('looks at nothing any more once it is closed', async () => {
    vi.useFakeTimers();
    supervisor.recover();
    supervisor.recover();
    await supervisor.close({ pause: false });
    const left = vi.getTimerCount();
    vi.useRealTimers();
    expect(left).toBe(0);
  });

  it('takes in steps that the engine had written and nobody had recorded', async () => {
    const run = at.run('a');
    const job = supervisor.train(run, {});
    say(engines[0]!, START, step(1), step(2));
    await supervisor.close({ pause: false });
    await at.reopen();
    supervisor = open();
    supervisor.recover();
    mkdirSync(run.folder, { recursive: true });
    const written = [
      step(1),
      step(2),
      step(3),
      { ...EVAL, step: 3, loss: 0.5, best: true },
      step(4),
      step(5),
    ];
    writeFileSync(
      path.join(run.folder, 'metrics.jsonl'),
      written.map((metric) => `${JSON.stringify(metric)}\n`).join(''),
    );
    supervisor.resume(job.id);
    say(engines[0]!, { ...START, stepsDone: 4 }, step(5));
    await supervisor.close({ pause: false });
    const curves = at.store.events.curves(run.id, 100);
    expect([curves.step, curves.evals.map(({ step: taken }) => taken)]).toEqual([[1, 2, 3, 4, 5], [3]]);
    expect(at.store.runs.get(run.id)).toMatchObject({ step: 5, bestLoss: 0.5 });
    const events = at.store.events.read(run.id);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
  });

  it('leaves a run alone that another process works at', async () => {
    const run = at.run('cli');
    mkdirSync(run.folder, { recursive: true });
    writeFileSync(path.join(run.folder, '.lock'), `${process.pid} \n`);
    at.store.runs.update(run.id, { state: 'running', started: new Date(NOON - 3_600_000).toISOString() });
    supervisor.recover();
    expect(at.store.runs.get(run.id).state).toBe('running');
    writeFileSync(path.join(run.folder, '.lock'), '999999999 \n');
    supervisor.recover();
    expect(at.store.runs.get(run.id).state).toBe('interrupted');
  });

  it('finds a paused job as it was left by an orderly end', async () => {
    const job = supervisor.train(at.run('a'), {});
    say(engines[0]!, START, step(3));
    const closed = supervisor.close({ pause: true });
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'stop' });
    say(engines[0]!, STOPPED);
    engines[0]!.exit();
    await closed;
    await at.reopen();
    supervisor = open();
    supervisor.recover();
    expect(supervisor.list()).toMatchObject([{ id: job.id, state: 'paused', problem: null }]);
    expect(runState(job)).toBe('paused');
  });
});

async function collect(events: AsyncIterable<NumberedEvent>): Promise<NumberedEvent[]> {
  const all: NumberedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
