/** Rows that a model writes about documents, and what the person makes of them; both outlive the dialog. */
import type { Problem, Subject } from '../../../common/api/contract.ts';
import type { ProposedRow, RowsResult } from '../../../common/extras/documents/calls.ts';
import { documentRow } from '../../../common/extras/documents/row.ts';
import { api, isAborted, problemOf } from '../../api.ts';

export interface ReviewedRow extends ProposedRow {
  readonly number: number;
  readonly isDropped: boolean;
}

class Documents {
  paths = $state.raw<string[]>([]);
  rows = $state.raw<readonly ReviewedRow[]>([]);
  /** What is prepared, before the first passage. */
  doing = $state('');
  passages = $state.raw<{ readonly done: number; readonly all: number } | null>(null);
  result = $state.raw<RowsResult | null>(null);
  running = $state(false);
  stopped = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly kept = $derived(
    this.rows.filter(
      ({ isDropped, question, answer }) => !isDropped && question.trim() !== '' && answer.trim() !== '',
    ),
  );
  #stop = new AbortController();

  async start(of: Subject, perPassage: number): Promise<void> {
    this.clear();
    const stop = new AbortController();
    this.#stop = stop;
    this.running = true;
    try {
      const asked = { paths: [...this.paths], of, perPassage };
      for await (const news of await api.documents.write(asked, { signal: stop.signal })) {
        if ('proposed' in news)
          this.rows = [...this.rows, { ...news.proposed, number: this.rows.length, isDropped: false }];
        else if ('passages' in news) this.passages = news.passages;
        else if ('doing' in news) this.doing = news.doing;
        else this.result = news.done;
      }
    } catch (error) {
      if (stop.signal.aborted || isAborted(error)) this.stopped = true;
      else this.problem = problemOf(error);
    } finally {
      this.running = false;
    }
  }

  /** Ends the writing; rows that are there stay. */
  stop(): void {
    this.#stop.abort();
  }

  change(number: number, change: Partial<ReviewedRow>): void {
    this.rows = this.rows.map((row) => (row.number === number ? { ...row, ...change } : row));
  }

  clear(): void {
    this.stop();
    [this.rows, this.doing, this.passages] = [[], '', null];
    [this.result, this.stopped, this.problem] = [null, false, null];
  }

  /** The kept rows as a data file, with what they rest on. */
  get content(): string {
    return this.kept.map((row) => `${JSON.stringify(documentRow(row))}\n`).join('');
  }
}

export const documents = new Documents();
