/** The models that can be asked: trained ones of runs, the newest first, and those on this computer. */
import type { RunRow } from '../../common/api/contract.ts';
import { api } from '../api.ts';
import { models } from './models.svelte.ts';

const MOST_RUNS = 50;

export class Answerers {
  runs = $state.raw<readonly RunRow[]>([]);
  readonly options = $derived([
    ...this.runs.map(({ id, name, model }) => ({ value: `run/${id}`, label: name, about: model })),
    ...models.local
      .filter(({ available }) => available)
      .map(({ id, name }) => ({ value: `model/${id}`, label: name })),
  ]);

  async load(): Promise<void> {
    const states = ['done', 'stopped-early'];
    this.runs = await api.runs
      .list({ states, sort: 'created', descending: true, limit: MOST_RUNS })
      .then(({ rows }) => rows)
      .catch(() => []);
  }
}

/** What the value of an option stands for. */
export function subjectOf(value: string): { readonly runId: string } | { readonly modelId: string } {
  const [kind, id = ''] = value.split('/');
  return kind === 'run' ? { runId: id } : { modelId: id };
}
