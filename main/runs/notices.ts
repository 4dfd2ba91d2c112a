/** What a person is told when a job has ended by itself while they looked elsewhere. */
import type { ExportResult } from '../../common/protocol/protocol.ts';
import type { Settled } from './endings.ts';
import type { JobRecord } from './queue.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
}

const TITLES: Readonly<Record<JobRecord['kind'] | 'blend', (name: string) => string>> = {
  train: (name) => `“${name}” is trained`,
  blend: (name) => `“${name}” is blended`,
  assess: (name) => `“${name}” has been compared`,
  export: (name) => `“${name}” is exported`,
};

/** The notice for an ended job; null where the person ended it. `verdict`: the sentence of the run's assessment. */
export function noticeFor(
  { kind, isBlend, name }: Pick<JobRecord, 'kind' | 'isBlend' | 'name'>,
  { job, problem }: Settled,
  verdict: string | null,
  result: unknown,
): Notice | null {
  if (job === 'failed') return { title: `“${name}” has stopped`, body: problem?.message ?? '' };
  if (job !== 'done') return null;
  const proved = kind === 'export' ? (result as ExportResult).proved : null;
  const title = TITLES[isBlend ? 'blend' : kind](name);
  return { title, body: proved ?? verdict ?? 'Open Fettle to see the result.' };
}
