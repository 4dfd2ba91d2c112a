/** Calls to engines whose part is played by hand: answers find their callers, and a dying process leaves nobody waiting. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENGINE_CALLS } from '../../../main/engine/session/call-table.ts';
import type { EngineCalls } from '../../../main/runs/engine-calls.ts';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { ENDED_SECONDS } from '../../../main/runs/engine-run.ts';
import { type FakeEngine, fakeFork } from '../../helpers/fake-engine.ts';
import { happens } from '../../helpers/happens.ts';

let calls: EngineCalls;
let engines: FakeEngine[];

function fakeOf() {
  const fake = fakeFork();
  engines = fake.engines;
  return fake.fork;
}

beforeEach(() => {
  calls = openEngineCalls(fakeOf(), { idleMs: 20, planIdleMs: 20 });
});
afterEach(() => calls.close());

/** A call that waits for no other kind. */
const asked = (what: unknown) => calls.check(what as never, () => {});
const idOf = (engine: FakeEngine, index = -1) => engine.sent.at(index)!.id as number;
const failure = (code: string | null, message = 'No.') => ({
  code,
  message,
  hint: 'Try --rank 2.',
  stack: 's',
});

describe('a call', () => {
  it('starts a process only when there is one, and gets its own answer', async () => {
    expect(engines).toHaveLength(0);
    const [a, b] = [asked('a'), asked('b')];
    expect(engines).toHaveLength(1);
    const [first, second] = [idOf(engines[0]!, 0), idOf(engines[0]!, 1)];
    engines[0]!.say({ id: second, result: { path: 'b' } });
    engines[0]!.say({ beat: { rssBytes: 1 } });
    engines[0]!.say({ id: first, result: { path: 'a' } });
    expect([await a, await b]).toEqual([{ path: 'a' }, { path: 'b' }]);
  });

  it('passes texts and events on to who listens', async () => {
    const texts: string[] = [];
    const events: string[] = [];
    const answer = calls.generate({ model: 'm', prompt: 'p' }, (text) => texts.push(text));
    const report = calls.check({ data: 'd' }, ({ event }) => events.push(event));
    const [engine] = engines;
    for (const text of ['I ', 'know']) engine!.say({ id: idOf(engine!, 0), event: { text } });
    engine!.say({ id: idOf(engine!, 0), event: { event: 'phase', phase: 'load' } });
    engine!.say({ id: idOf(engine!, 1), event: { event: 'phase', phase: 'read' } });
    engine!.say({ id: idOf(engine!, 0), result: { text: 'I know' } });
    engine!.say({ id: idOf(engine!, 1), result: { rows: 1 } });
    await Promise.all([answer, report]);
    expect([texts, events]).toEqual([['I ', 'know'], ['phase']]);
  });

  it('fails as the engine failed; a bug stays a bug', async () => {
    const wrong = asked({});
    engines[0]!.say({ id: idOf(engines[0]!), failed: failure('bad-config') });
    await expect(wrong).rejects.toMatchObject({ code: 'bad-config', hint: 'Try --rank 2.' });
    const bug = asked({});
    engines[0]!.say({ id: idOf(engines[0]!), failed: failure(null, 'x is undefined') });
    await expect(bug).rejects.toMatchObject({ message: 'x is undefined', stack: 's' });
    await expect(bug).rejects.not.toHaveProperty('code');
  });

  it('ends when its signal says so, and tells the engine', async () => {
    const leave = new AbortController();
    const plan = calls.plan({} as never, leave.signal);
    const id = idOf(engines[0]!);
    leave.abort(new Error('changed my mind'));
    await expect(plan).rejects.toThrow('changed my mind');
    expect(engines[0]!.sent.at(-1)).toEqual({ command: 'cancel', id });
    // the late answer is for nobody, and the process is free again
    engines[0]!.say({ id, result: {} });
    await happens(() => expect(engines[0]!.isRunning).toBe(false));
    const late = calls.plan({} as never, leave.signal);
    await expect(late).rejects.toThrow('changed my mind');
    expect(engines).toHaveLength(1);
  });
});

describe('the process', () => {
  it('is ended after a while without work, and not during work', async () => {
    const a = asked({});
    engines[0]!.say({ id: idOf(engines[0]!), result: 1 });
    await a;
    const b = asked({});
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(engines[0]!.isRunning).toBe(true);
    engines[0]!.say({ id: idOf(engines[0]!), result: 2 });
    expect(await b).toBe(2);
    await happens(() => expect(engines[0]!.isRunning).toBe(false));
    const c = asked({});
    expect(engines).toHaveLength(2);
    engines[1]!.say({ id: idOf(engines[1]!), result: 3 });
    expect(await c).toBe(3);
  });

  it('is replaced when it dies; what it was asked fails with the reason', async () => {
    const both = [asked({}), asked('m')];
    engines[0]!.exit({ code: 137 });
    for (const call of both) await expect(call).rejects.toMatchObject({ code: 'out-of-memory' });
    const again = asked('m');
    engines[1]!.say({ id: idOf(engines[1]!), result: 'there' });
    expect(await again).toBe('there');
  });

  it('is replaced when it dies in the middle of a call: only that one fails, the others are asked again', async () => {
    const [culprit, waiting] = [asked('hostile'), asked('good')];
    engines[0]!.say({ id: idOf(engines[0]!, 0), begun: true });
    engines[0]!.exit({ code: null, signal: 'SIGSEGV' });
    await expect(culprit).rejects.toMatchObject({ code: 'engine-died' });
    expect(engines[1]!.sent.map(({ input }) => input)).toEqual(['good']);
    engines[1]!.say({ id: idOf(engines[1]!), result: 'there' });
    expect(await waiting).toBe('there');
  });

  it('that breaks over something nobody awaited is ended, and the call that it belongs to told what it was', async () => {
    const failed = failure('data-file', 'The file is damaged.');
    const answered = asked('damaged');
    const running = asked('good');
    const [engine] = engines;
    const [first, second] = [idOf(engine!, 0), idOf(engine!, 1)];
    engine!.say({ id: first, failed });
    engine!.say({ id: second, begun: true });
    engine!.say({ id: first, failed, isLast: true });
    await expect(answered).rejects.toMatchObject({ message: 'The file is damaged.' });
    expect(engine!.isRunning).toBe(false);
    engines[1]!.say({ id: second, result: 'there' });
    expect(await running).toBe('there');
    const [broken, behind] = [asked('damaged'), asked('good')];
    engines[1]!.say({ id: idOf(engines[1]!, -2), begun: true });
    engines[1]!.say({ failed, isLast: true });
    await expect(broken).rejects.toMatchObject({ code: 'data-file' });
    engines[2]!.say({ id: idOf(engines[2]!), result: 'there' });
    expect(await behind).toBe('there');
  });

  it('does not say twice what it has said', async () => {
    const texts: string[] = [];
    const answer = calls.generate({ model: 'm', prompt: 'p' }, (text) => texts.push(text));
    const id = idOf(engines[0]!);
    engines[0]!.say({ id, begun: true });
    engines[0]!.say({ id, event: { text: 'I ' } });
    engines[0]!.say({ id: id - 1, failed: failure(null), isLast: true });
    await expect(answer).rejects.toMatchObject({ code: 'engine-died' });
    expect([texts, engines.length]).toEqual([['I '], 1]);
  });

  it('is not started to close models that nothing has opened', async () => {
    await calls.closeModels();
    expect(engines).toHaveLength(0);
  });
});

describe('a process that hangs', () => {
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);
  const begun = (engine: FakeEngine, index = -1) => engine.say({ id: idOf(engine, index), begun: true });
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('over a call that was aborted is replaced, and the calls behind go on', async () => {
    const leave = new AbortController();
    const hostile = calls.preview({} as never, { signal: leave.signal });
    const good = calls.split([10, 0.1]);
    begun(engines[0]!, 0);
    await seconds(30);
    leave.abort(new Error('enough'));
    await expect(hostile).rejects.toThrow('enough');
    expect(engines[0]!.isRunning).toBe(true);
    await seconds(ENGINE_CALLS.preview.patience.ending + 1);
    expect(engines[0]!.isRunning).toBe(false);
    expect(engines[1]!.sent.map(({ input }) => input)).toEqual([[10, 0.1]]);
    engines[1]!.say({ id: idOf(engines[1]!), result: 1 });
    expect(await good).toBe(1);
  });

  it('is replaced when a call is late, which is told; beats put that off', async () => {
    const hostile = asked('hostile');
    const good = asked('good');
    const told = expect(hostile).rejects.toMatchObject({ code: 'engine-hung' });
    begun(engines[0]!, 0);
    await seconds(ENGINE_CALLS.check.patience.silent - 1);
    engines[0]!.say({ beat: { rssBytes: 1 } });
    await seconds(ENGINE_CALLS.check.patience.silent - 1);
    expect(engines[0]!.sent).toHaveLength(2);
    await seconds(2);
    await told;
    expect(engines[0]!.sent.at(-1)).toMatchObject({ command: 'cancel' });
    await seconds(ENGINE_CALLS.check.patience.ending + 1);
    expect(engines[0]!.isRunning).toBe(false);
    engines[1]!.say({ id: idOf(engines[1]!), result: 'there' });
    expect(await good).toBe('there');
  });

  it('counts the time of a call from its turn, and from its last event', async () => {
    const { silent, still } = ENGINE_CALLS.check.patience;
    const long = calls.check({ data: 'd' }, () => {});
    const waiting = asked('m');
    const [engine] = engines;
    begun(engine!, 0);
    for (let hour = 0; hour < 5; hour++) {
      for (let passed = 0; passed < still - silent; passed += silent - 1) {
        await seconds(silent - 1);
        engine!.say({ beat: { rssBytes: 1 } });
      }
      engine!.say({ id: idOf(engine!, 0), event: { event: 'phase', phase: 'read' } });
    }
    expect(engine!.sent).toHaveLength(2);
    engine!.say({ id: idOf(engine!, 0), result: 'checked' });
    begun(engine!, 1);
    engine!.say({ id: idOf(engine!, 1), result: 'there' });
    expect([await long, await waiting]).toEqual(['checked', 'there']);
  });

  it('and still beats is replaced when an aborted call does not end', async () => {
    const leave = new AbortController();
    const call = calls.preview({} as never, { signal: leave.signal });
    begun(engines[0]!);
    leave.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    for (let passed = 0; passed < ENDED_SECONDS - 2; passed++) {
      await seconds(1);
      engines[0]!.say({ beat: { rssBytes: 1 } });
    }
    expect(engines[0]!.isRunning).toBe(true);
    await seconds(3);
    expect(engines[0]!.isRunning).toBe(false);
  });
});

describe('the planner', () => {
  const config = {} as never;
  const answer = (engine: FakeEngine, result: unknown = { steps: 1 }) =>
    engine.say({ id: idOf(engine), result });

  it('has a process of its own that stays for the next plan', async () => {
    calls = openEngineCalls(fakeOf(), { idleMs: 20, planIdleMs: 60_000 });
    const look = asked('m');
    const first = calls.plan(config);
    expect(engines).toHaveLength(2);
    answer(engines[1]!);
    expect(await first).toEqual({ steps: 1 });
    answer(engines[0]!);
    await look;
    await happens(() => expect(engines[0]!.isRunning).toBe(false));
    const second = calls.plan(config);
    answer(engines[1]!, { steps: 2 });
    expect(await second).toEqual({ steps: 2 });
    expect(engines).toHaveLength(2);
  });

  it('answers quick questions too where no other process is there', async () => {
    const plan = calls.plan(config);
    answer(engines[0]!);
    await plan;
    const heldOut = calls.split([10, 0.1]);
    expect(engines).toHaveLength(1);
    answer(engines[0]!, 1);
    expect(await heldOut).toBe(1);
  });

  it('makes room at once when it has nothing to do, and else when it has answered', async () => {
    const first = calls.plan(config);
    answer(engines[0]!);
    await first;
    calls.makeRoom();
    expect(engines[0]!.isRunning).toBe(false);
    const second = calls.plan(config);
    calls.makeRoom();
    expect(engines[1]!.isRunning).toBe(true);
    answer(engines[1]!, { steps: 3 });
    expect(await second).toEqual({ steps: 3 });
    expect(engines[1]!.isRunning).toBe(false);
    void calls.plan(config).catch(() => {});
    expect(engines).toHaveLength(3);
  });

  it('is explained when it dies, and the next plan has a new one', async () => {
    const plan = calls.plan(config);
    engines[0]!.exit({ code: 3, stderr: 'a line\nthe last line' });
    await expect(plan).rejects.toMatchObject({
      code: 'engine-died',
      message: expect.stringContaining('the last line'),
    });
    const again = calls.plan(config);
    answer(engines[1]!);
    expect(await again).toEqual({ steps: 1 });
  });

  it('is replaced when it has grown, after its answer', async () => {
    const plan = calls.plan(config);
    engines[0]!.say({ beat: { rssBytes: 3e9 } });
    expect(engines[0]!.isRunning).toBe(true);
    answer(engines[0]!);
    await plan;
    expect(engines[0]!.isRunning).toBe(false);
  });

  it('ends with the application', async () => {
    void calls.plan(config).catch(() => {});
    calls.close();
    expect(engines[0]!.isRunning).toBe(false);
  });
});

describe('a blind comparison', () => {
  it('is judged by what it was drawn by, whichever process answers', async () => {
    const drawing = calls.blind('/runs/a', 5, 9, [3, 4]);
    engines[0]!.say({ id: idOf(engines[0]!), result: { pairs: [{ prompt: 'p', first: 'x', second: 'y' }] } });
    const round = await drawing;
    expect(round.pairs).toHaveLength(1);
    engines[0]!.exit();
    const judging = calls.judge(round.id, ['first']);
    expect(engines[1]!.sent.at(-1)).toMatchObject({
      name: 'judge',
      input: { run: '/runs/a', rows: 5, seed: 9, shown: [3, 4], choices: ['first'] },
    });
    engines[1]!.say({ id: idOf(engines[1]!), result: { judged: 1 } });
    expect(await judging).toEqual({ judged: 1 });
    await expect(calls.judge('another', ['first'])).rejects.toMatchObject({ code: 'no-round' });
  });
});

describe('the benchmark', () => {
  it('has a process of its own, which ends with it; a cancelled one may clear up first', async () => {
    const seen: number[] = [];
    const leave = new AbortController();
    void asked('m').catch(() => {});
    const first = calls.bench('/data', ({ fraction }) => seen.push(fraction));
    expect(engines).toHaveLength(2);
    engines[1]!.say({ id: idOf(engines[1]!), event: { fraction: 0.5, doing: 'Memory' } });
    engines[1]!.say({ id: idOf(engines[1]!), result: { devices: [] } });
    expect(await first).toEqual({ devices: [] });
    expect(seen).toEqual([0.5]);
    await happens(() => expect(engines[1]!.isRunning).toBe(false));
    expect(engines[0]!.isRunning).toBe(true);
    const second = calls.bench('/data', () => {}, leave.signal);
    leave.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(engines[2]!.isRunning).toBe(true);
    engines[2]!.say({ id: idOf(engines[2]!), failed: failure('stopped', 'It was cancelled.') });
    await happens(() => expect(engines[2]!.isRunning).toBe(false));
  });
});
