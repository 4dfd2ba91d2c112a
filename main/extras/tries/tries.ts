/** Tries that a run's page asks for: one at a time, told as they go on; what is done stays in the run's folder. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { TriesNews } from '../../../common/extras/tries/calls.ts';
import { TRIES_FILES, type TriesResult } from '../../../common/extras/tries/result.ts';
import { defined, parsedJson } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { movedModel } from '../../app/jobs.ts';
import type { Parts } from '../../app/parts.ts';
import { channel, withTimeLeft } from '../../changes.ts';

export class Tries {
  readonly #parts: Pick<Parts, 'store' | 'engine' | 'supervisor'>;
  #going: { readonly runId: string; readonly stop: AbortController; ended: Promise<unknown> } | null = null;

  constructor(parts: Pick<Parts, 'store' | 'engine' | 'supervisor'>) {
    this.#parts = parts;
  }

  async known(runId: string): Promise<TriesResult | 'begun' | null> {
    const { folder } = this.#parts.store.runs.get(runId);
    const file = (name: string) => path.join(folder, TRIES_FILES.folder, name);
    const text = await readFile(file(TRIES_FILES.forecast), 'utf8').catch(() => '');
    const result = parsedJson(text) as TriesResult | undefined;
    return result ?? (existsSync(file(TRIES_FILES.kept)) ? 'begun' : null);
  }

  start(runId: string, signal?: AbortSignal): AsyncGenerator<TriesNews> {
    const { store, engine } = this.#parts;
    const run = store.runs.get(runId);
    this.#requireRoom();
    const stop = new AbortController();
    const going = { runId, stop, ended: Promise.resolve() as Promise<unknown> };
    this.#going = going;
    return channel<TriesNews>(async (send) => {
      const onEvent = withTimeLeft((event) => {
        if ('tries' in event) send({ kind: 'price', price: event.tries });
        else if ('event' in event && event.event === 'phase')
          send({ kind: 'progress', doing: event.detail ?? '', fraction: event.fraction ?? null });
      });
      try {
        await engine.closeModels();
        const asked = { run: run.folder, ...defined({ model: movedModel(store, run) }) };
        const either = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
        const work = engine.tries(asked, { signal: either, onEvent });
        going.ended = work.catch(() => {});
        send({ kind: 'result', result: await work });
      } finally {
        this.#going = null;
      }
    });
  }

  async stop(runId: string): Promise<void> {
    if (this.#going?.runId !== runId) return;
    this.#going.stop.abort();
    await this.#going.ended;
  }

  async close(): Promise<void> {
    if (this.#going) await this.stop(this.#going.runId);
  }

  /** A training takes what memory and processors there are. */
  #requireRoom(): void {
    const active = ({ state }: { readonly state: string }) =>
      state === 'starting' || state === 'running' || state === 'pausing';
    const name =
      this.#going !== null
        ? this.#parts.store.runs.find(this.#going.runId)?.name
        : this.#parts.supervisor.list().find(active)?.name;
    if (this.#going === null && name === undefined) return;
    throw new AppError(
      'busy',
      say`“${name ?? ''}” is going on.`,
      say`Start again when it has ended, or stop it.`,
    );
  }
}
