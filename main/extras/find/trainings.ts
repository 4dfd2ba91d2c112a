/** Trainings that the page of finding asks for: each is told as it goes on, and is a run at its end. */
import { rm } from 'node:fs/promises';
import type { CallInput } from '../../../common/api/contract.ts';
import type { TrainingNews } from '../../../common/extras/find/calls.ts';
import { RERANKER_SETTINGS, VECTOR_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import { newFolder } from '../../app/jobs.ts';
import type { Parts } from '../../app/parts.ts';
import { channel, withTimeLeft } from '../../changes.ts';
import { parserOf } from '../../engine/config/config.ts';
import { progressTo } from './find-command.ts';
import { chosenOf, readersFor } from './finder.ts';
import { keepFigures, recordTrained, type TrainingOrder, trainMeasured } from './training.ts';

const parseVectors = parserOf(VECTOR_SETTINGS);
const parseReranker = parserOf(RERANKER_SETTINGS);

export class Trainings {
  readonly #parts: Pick<Parts, 'store' | 'engine' | 'allowed'>;
  readonly #going = new Map<string, AbortController>();

  constructor(parts: Pick<Parts, 'store' | 'engine' | 'allowed'>) {
    this.#parts = parts;
  }

  train(
    { trainer, data, encoder, name, key }: CallInput<'find', 'train'>,
    signal?: AbortSignal,
  ): AsyncGenerator<TrainingNews> {
    const { store, engine, allowed } = this.#parts;
    return channel<TrainingNews>(async (send) => {
      await allowed.read(data);
      const model = chosenOf((await readersFor(store, engine)).encoders, [encoder])[0]!.path;
      const out = newFolder(store, name);
      const given = { data: [...data], model, out, onBadRow: 'skip' };
      const asked: TrainingOrder =
        trainer === 'vectors'
          ? { trainer, config: parseVectors(given) }
          : { trainer, config: parseReranker(given) };
      const finish = new AbortController();
      this.#going.set(key, finish);
      const onEvent = withTimeLeft((event) => {
        if ('priced' in event) send({ kind: 'price', price: event.priced });
        else if ('event' in event && event.event === 'phase')
          send({ kind: 'progress', doing: event.detail ?? '', fraction: event.fraction ?? null });
      });
      try {
        const io = { engine, signal, finish: finish.signal, onEvent, tell: progressTo(onEvent) };
        const measured = await trainMeasured(asked, io);
        await keepFigures(measured);
        send({ kind: 'result', runId: recordTrained(store, asked, measured, name).id, measured });
      } catch (error) {
        await rm(out, { recursive: true, force: true });
        throw error;
      } finally {
        this.#going.delete(key);
      }
    });
  }

  finish(key: string): void {
    this.#going.get(key)?.abort();
  }
}
