/** Shows a run's events: as JSON lines for programs, as one redrawn line on a terminal, as plain lines now and then in a pipe or a file. */
import type { EngineEvent, Phase } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type { WorkIo } from '../app/work-here.ts';
import { type Arguments, wantsJson } from './arguments.ts';
import { type Output, onInterrupt, printOne, type Streams } from './command.ts';
import {
  advance,
  checkpointLine,
  isEdge,
  lasting,
  type Progress,
  phaseLine,
  phaseText,
  statusLine,
  stepLine,
} from './progress.ts';
import { isTerminal, type Style, styleFor } from './words.ts';

interface Display {
  show(event: EngineEvent): void;
  /** Says something that is not an event. */
  note(text: string): void;
  /** Leaves the terminal tidy; call before anything else writes. */
  close(): void;
}

/** What a display depends on besides its streams. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, only for differences. */
  now(): number;
}

/** Phases whose parts a log names one by one. */
const HAS_PARTS: ReadonlySet<Phase> = new Set(['export', 'assess']);
/** Of a terminal that doesn't say how wide it is: in a container it has 0 columns. */
export const USUAL_COLUMNS = 80;
const REDRAW_MS = 60;
const LOG_MS = 15_000;
const CLEAR_LINE = '\r\u001b[K';

export function openDisplay(streams: Streams, json: boolean, at: Surroundings = here()): Display {
  if (json) return jsonDisplay(streams);
  const style = styleFor(streams.err, at.env);
  return isTerminal(streams.err, at.env)
    ? terminalDisplay(streams.err, style, at)
    : logDisplay(streams.err, style, at);
}

function here(): Surroundings {
  return { env: process.env, now: () => performance.now() };
}

/** One event a line on `out`; notes go to `err`, which no program reads. */
function jsonDisplay({ out, err }: Streams): Display {
  return {
    show: (event) => out.write(`${JSON.stringify(event)}\n`),
    note: (text) => err.write(`${text}\n`),
    close: () => {},
  };
}

function terminalDisplay(err: Output, style: Style, at: Surroundings): Display {
  let progress: Progress = {};
  let drawn = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (line: string) => {
    if (line !== drawn) err.write(CLEAR_LINE + line);
    drawn = line;
    drawnAt = at.now();
  };
  const say = (lines: readonly string[]) => {
    if (lines.length > 0) draw('');
    for (const line of lines) err.write(`${line}\n`);
  };
  return {
    show(event) {
      const phaseBefore = progress.phase?.phase;
      progress = advance(progress, event);
      const lines = lasting(event, style);
      say(lines);
      if (event.event === 'done' || event.event === 'stopped' || event.event === 'error') return draw('');
      const urgent = lines.length > 0 || progress.phase?.phase !== phaseBefore;
      if (urgent || at.now() - drawnAt >= REDRAW_MS)
        draw(statusLine(progress, err.columns || USUAL_COLUMNS, style));
    },
    note(text) {
      const line = drawn;
      say([text]);
      draw(line);
    },
    close: () => draw(''),
  };
}

function logDisplay(err: Output, style: Style, at: Surroundings): Display {
  let progress: Progress = {};
  let loggedAt = Number.NEGATIVE_INFINITY;
  const say = (lines: readonly string[]) => {
    for (const line of lines) err.write(`${line}\n`);
  };
  return {
    show(event) {
      const before = progress;
      progress = advance(progress, event);
      if (event.event === 'phase') {
        const isNews = event.phase !== before.phase?.phase && before.step === undefined;
        const isOther = before.phase === undefined || phaseText(event) !== phaseText(before.phase);
        const isDue = at.now() - loggedAt >= LOG_MS;
        if (isNews || (HAS_PARTS.has(event.phase) && isOther)) say([phaseText(event)]);
        else if (isDue && phaseLine(progress)) say([phaseLine(progress)]);
        else return;
        loggedAt = at.now();
      }
      if (event.event === 'step' && (isEdge(before, event) || at.now() - loggedAt >= LOG_MS)) {
        loggedAt = at.now();
        say([stepLine(progress)]);
      }
      if (event.event === 'checkpoint') say([checkpointLine(event)]);
      say(lasting(event, style));
    },
    note: (text) => say([text]),
    close: () => {},
  };
}

/**
 * Prints the one result of `work`, which an engine process does: with --json as it is, else as `text` says, what goes on meanwhile on
 * stderr and for programs not at all. Gives it, and whether Ctrl-C came.
 */
export async function printResult<T>(
  args: Arguments,
  streams: Streams,
  work: (io: WorkIo) => Promise<T>,
  text: (result: T) => string,
): Promise<{ readonly result: T; readonly isStopped: boolean }> {
  return withDisplay(streams, wantsJson(args), async (display, stop) => {
    const result = await work({ emit: (event) => 'event' in event && display?.show(event), stop });
    display?.close();
    printOne(args, streams, result, () => text(result));
    return { result, isStopped: stop.aborted };
  });
}

/** Does `work` with a display of what goes on, which programs (`json`) do without, and with a signal that Ctrl-C gives. */
export async function withDisplay<T>(
  streams: Streams,
  json: boolean,
  work: (display: Display | undefined, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const display = json ? undefined : openDisplay(streams, false);
  const { stop, release } = onInterrupt(() =>
    display?.note(say`Stopping. Press Ctrl-C again to end at once.`),
  );
  try {
    return await work(display, stop);
  } finally {
    display?.close();
    release();
  }
}
