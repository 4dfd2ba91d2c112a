/** The log of a job as a shell sends it: in frames of known length, so that what a broken connection swallowed is known. */
import { Writable } from 'node:stream';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Following, JobState } from './target.ts';

/** A header is short; what has no end of line within so many bytes is none. */
const LONGEST_HEADER = 200;

/** Takes the frames that `follow` prints: `# BYTES STATE CODE`, then so many bytes of the log. */
export class Frames extends Writable {
  readonly #on: Following;
  #header = '';
  #left = 0;

  constructor(on: Following) {
    super();
    this.#on = on;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    try {
      this.#take(chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const piece = chunk.subarray(at, at + this.#left);
        this.#left -= piece.length;
        at += piece.length;
        this.#on.onLog(piece);
        continue;
      }
      const end = chunk.indexOf(10, at);
      this.#header += chunk.toString('utf8', at, end < 0 ? chunk.length : end);
      at = end < 0 ? chunk.length : end + 1;
      if (this.#header.length > LONGEST_HEADER) throw badAnswer();
      if (end >= 0) this.#begin();
    }
  }

  #begin(): void {
    const match = /^# (-?\d+) (\w+) ?\d*$/.exec(this.#header);
    this.#header = '';
    if (!match) throw badAnswer();
    const [, bytes, state] = match;
    this.#left = Math.max(0, Number(bytes));
    this.#on.onState(stateOf(state!));
  }
}

/** What Slurm calls a job that has not begun. */
const QUEUED = ['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_HOLD', 'SUSPENDED'];

function stateOf(state: string): JobState {
  if (state === 'ENDED' || state === 'FULL') return { kind: 'ended', isFull: state === 'FULL' };
  return { kind: QUEUED.includes(state) ? 'queued' : 'running' };
}

function badAnswer(): AppError {
  return new AppError(
    'target-failed',
    say`The target answered with something that isn’t the log of a job.`,
    say`Check that its login prints nothing where no terminal is.`,
  );
}
