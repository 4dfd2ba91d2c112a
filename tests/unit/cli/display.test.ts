import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { openDisplay } from '../../../main/cli/display.ts';
import { DONE, EVAL, START, step } from './sample-events.ts';

const LOAD: EngineEvent = { event: 'phase', phase: 'load' };
const CHECKPOINT: EngineEvent = { event: 'checkpoint', step: 200, path: 'runs/first/200', bytes: 34e6 };
const RUN: EngineEvent[] = [
  LOAD,
  { event: 'phase', phase: 'load', fraction: 0.5 },
  START,
  ...Array.from({ length: 150 }, (_, i) => step(i + 1)),
  { event: 'phase', phase: 'evaluate' },
  EVAL,
  ...Array.from({ length: 50 }, (_, i) => step(i + 151)),
  CHECKPOINT,
  ...Array.from({ length: 100 }, (_, i) => step(i + 201)),
  DONE,
];

interface Shown {
  out: string;
  err: string;
}

/** What is written for `events`, one every `msApart`. */
function show(
  events: readonly EngineEvent[],
  options: { json?: boolean; tty?: boolean; columns?: number; env?: object; msApart?: number },
): Shown {
  const shown: Shown = { out: '', err: '' };
  let now = 0;
  const tty = options.tty ? { isTTY: true, columns: options.columns ?? 100 } : {};
  const display = openDisplay(
    {
      out: { write: (text: string) => (shown.out += text) },
      err: { ...tty, write: (text: string) => (shown.err += text) },
    },
    options.json ?? false,
    { env: { ...options.env }, now: () => now },
  );
  for (const event of events) {
    display.show(event);
    now += options.msApart ?? 0;
  }
  display.note('a note');
  display.close();
  return shown;
}

/** What a terminal of any width would show in the end: redrawn lines keep only their last state. */
function screen(text: string): string[] {
  return text.split('\n').map((line) => line.split('\r\u001b[K').at(-1) ?? '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

describe('in a pipe', () => {
  it('writes plain lines: the first and last step and one now and then', () => {
    const { out, err } = show(RUN, { msApart: 100 });
    expect(out).toBe('');
    expect(err).not.toMatch(CONTROL);
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toBe('Loading the model');
    expect(
      lines.filter((line) => line.includes('  step ')).map((line) => / step (\d+)/.exec(line)?.[1]),
    ).toEqual(['1', '151', '300']);
    expect(lines).toContain('Held-out loss after step 150: 1.310 (perplexity 3.708, the best so far)');
    expect(lines).toContain('Saved a checkpoint at step 200 (34 MB)');
    expect(lines.slice(-5, -1)).toEqual([
      'Done     300 steps in 4 min 20 s',
      'Held out loss 2.500 -> 1.250 (weights of step 280)',
      expect.stringContaining('Speed'),
      'Result   runs/first/adapter',
    ]);
    expect(lines.at(-1)).toBe('a note');
  });

  it('says of a phase that lasts how far it is, also between steps', () => {
    const evaluate = (done: number): EngineEvent => ({
      ...{ event: 'phase', phase: 'evaluate', fraction: done / 100 },
      ...(done >= 5 && { secondsLeft: 100 - done }),
    });
    const { err } = show([step(1), ...Array.from({ length: 40 }, (_, i) => evaluate(i))], { msApart: 1000 });
    expect(err.split('\n').slice(1, 3)).toEqual([
      'Measuring on test rows  14%  1 min 26 s left',
      'Measuring on test rows  29%  1 min 11 s left',
    ]);
  });

  it('shows every step of a slow run', () => {
    const { err } = show([step(1), step(2), step(3)], { msApart: 20_000 });
    expect(err.split('\n').filter((line) => line.includes('  step '))).toHaveLength(3);
  });
});

describe('on a terminal', () => {
  it('redraws one line and leaves only what lasts', () => {
    const { out, err } = show(RUN, { tty: true, msApart: 100, env: { NO_COLOR: '1' } });
    expect(out).toBe('');
    const lines = screen(err);
    expect(lines.filter((line) => line.includes('step 150/300'))).toEqual([]);
    expect(lines[0]).toMatch(/^Model /);
    expect(lines).toContain('Held-out loss after step 150: 1.310 (perplexity 3.708, the best so far)');
    expect(lines.at(-1)).toBe('');
    expect(err).toContain('[###########-----------] step 150/300');
  });

  it('does not redraw more often than eyes can follow', () => {
    const quick = show(RUN, { tty: true, msApart: 1 }).err.split('\r').length;
    const slow = show(RUN, { tty: true, msApart: 100 }).err.split('\r').length;
    expect(slow).toBeGreaterThan(300);
    expect(quick).toBeLessThan(40);
  });

  it('has the share and the time left of a phase in the line', () => {
    const phase: EngineEvent = { event: 'phase', phase: 'evaluate', fraction: 0.5, secondsLeft: 90 };
    const { err } = show([phase], { tty: true, env: { NO_COLOR: '1' } });
    expect(err).toContain('[###########-----------] Measuring on test rows  50%  1 min 30 s left');
  });

  it('shows the line where a terminal has no width, as in a container', () => {
    expect(show([step(10)], { tty: true, columns: 0, env: { NO_COLOR: '1' } }).err).toContain('step 10/300');
  });

  it('puts a note above the line and draws the line again', () => {
    const { err } = show([START, step(10)], { tty: true, msApart: 100, env: { NO_COLOR: '1' } });
    const [before, after] = err.split('a note\n');
    expect(before?.endsWith('1.9 GB\r\u001b[K')).toBe(true);
    expect(after?.startsWith('\r\u001b[K[#')).toBe(true);
    expect(after).toContain('step 10/300');
  });

  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
  ])('colours with %j: %s', (env, coloured) => {
    expect(show([step(10)], { tty: true, env }).err.includes('\u001b[32m')).toBe(coloured);
  });

  it('writes plain lines on a terminal that cannot redraw', () => {
    expect(show(RUN, { tty: true, env: { TERM: 'dumb' } }).err).not.toMatch(CONTROL);
  });
});

describe('as JSON', () => {
  it('writes exactly the events, one a line, and nothing else on stdout', () => {
    const { out, err } = show(RUN, { json: true });
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(RUN);
    expect(err).toBe('a note\n');
  });
});
