/**
 * The quick way to sort: a sorter that is trained on the wizard's rows within seconds, way after way. It lives as long as the page, so
 * that a look at another step stops nothing.
 */
import type {
  CallInput,
  LadderEnd,
  Problem,
  RunDetails,
  Score,
  SorterColumn,
  SorterRung,
  SorterSet,
} from '../../common/api/contract.ts';
import { api, isAborted, problemOf } from '../api.ts';

type Asked = Omit<CallInput<'runs', 'trainSorter'>, 'key'>;

/** A way that was tried, as the page shows it. */
export interface ShownRung extends SorterRung {
  /** Seconds since the beginning. */
  readonly at: number;
  /** The best so far when it came. */
  readonly isBest: boolean;
}

/** Ways in the order in which they came, with the time that had passed. */
export function shownRungs(rungs: readonly SorterRung[]): ShownRung[] {
  let [at, best] = [0, -1];
  return rungs.map((rung) => {
    at += rung.seconds;
    const isBest = rung.accuracy.value > best;
    best = Math.max(best, rung.accuracy.value);
    return { ...rung, at, isBest };
  });
}

class QuickSorter {
  busy = $state(false);
  doing = $state('');
  fraction = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  rungs = $state.raw<readonly ShownRung[]>([]);
  end = $state.raw<LadderEnd | null>(null);
  /** Of a sorter of several columns. */
  columns = $state.raw<readonly SorterColumn[]>([]);
  /** Where a text can have several categories. */
  sets = $state.raw<readonly SorterSet[]>([]);
  score = $state.raw<Score | null>(null);
  /** The sorter as a run, once it is trained. */
  runId = $state<string | null>(null);
  /** Whether the person has asked for the best so far. */
  finishing = $state(false);
  /** What was asked for. */
  #asked = '';
  /** By which the call is named. */
  #key = '';
  #stop = new AbortController();

  /** Trains on what is asked for, where that is something else than before; resolves with the run, null where there is none. */
  async follow(asked: Asked): Promise<string | null> {
    if (rowsOf(asked) === this.#asked && (this.busy || this.runId !== null || this.problem !== null))
      return this.runId;
    return await this.train(asked);
  }

  /** Trains, whatever was trained before; a sorter that nobody has opened goes. */
  async train(asked: Asked): Promise<string | null> {
    this.forget();
    this.#asked = rowsOf(asked);
    this.#key = `${Date.now()}-${Math.random()}`;
    const stop = new AbortController();
    this.#stop = stop;
    this.busy = true;
    try {
      for await (const news of await api.runs.trainSorter(
        { ...asked, key: this.#key },
        { signal: stop.signal },
      )) {
        if (stop.signal.aborted) return null;
        if (news.kind === 'progress') [this.doing, this.fraction] = [news.doing, news.fraction];
        else if (news.kind === 'rung') this.rungs = shownRungs([...this.rungs, news.rung]);
        else this.show(await api.runs.get({ id: news.runId }));
      }
    } catch (error) {
      if (stop.signal.aborted || isAborted(error)) return null;
      this.problem = problemOf(error);
    } finally {
      if (this.#stop === stop) this.busy = false;
    }
    return this.runId;
  }

  /** Shows a sorter that was trained earlier, on the same rows. */
  show({ id, config, score }: RunDetails, asked?: Asked): void {
    if (asked) this.#asked = rowsOf(asked);
    this.rungs = shownRungs((config.rungs ?? []) as SorterRung[]);
    this.end = (config.end ?? null) as LadderEnd | null;
    this.columns = (config.columns ?? []) as SorterColumn[];
    this.sets = (config.sets ?? []) as SorterSet[];
    [this.score, this.runId] = [score ?? null, id];
  }

  /** Keeps the best so far. */
  async finish(): Promise<void> {
    this.finishing = true;
    await api.runs.finishSorter({ key: this.#key });
  }

  /** Gives up what is under way, and forgets what was trained. */
  forget(): void {
    this.#stop.abort();
    this.#asked = '';
    [this.busy, this.finishing, this.doing, this.fraction] = [false, false, '', null];
    [this.problem, this.rungs, this.end, this.score, this.runId] = [null, [], null, null, null];
    [this.columns, this.sets] = [[], []];
  }
}

const rowsOf = ({ name: _, ...asked }: Asked) => JSON.stringify(asked);

export const sorter = new QuickSorter();
