/** Which of several jobs counts: what has an engine at work, what has ended, what people are shown first. */
import type { Job, JobState } from '../../common/api/contract.ts';

const ACTIVE: readonly JobState[] = ['starting', 'running', 'pausing', 'stopping'];
const ENDED: readonly JobState[] = ['done', 'failed'];

/** Whether a job has an engine at work. */
export const isActive = (job: Job): boolean => ACTIVE.includes(job.state);
export const isEnded = (job: Job): boolean => ENDED.includes(job.state);

/** The job that the strip shows: what goes on, else what is paused, else the next that waits. */
export function foremost(all: readonly Job[]): Job | null {
  return (
    all.find(isActive) ??
    all.find((job) => job.state === 'paused') ??
    all.find((job) => job.state === 'waiting' || job.state === 'scheduled') ??
    null
  );
}
