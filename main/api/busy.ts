/** Whether a training uses the computer: what is measured beside one would show what it leaves. */
import { AppError } from '../../common/errors.ts';
import type { Supervisor } from './parts.ts';

/** Throws AppError('computer-busy') while a training runs; `consequence` follows "… uses the computer now, ". */
export function refuseWhileTraining(
  supervisor: Pick<Supervisor, 'list'>,
  consequence: string,
  hint: string,
): void {
  const going = supervisor.list().find(({ state }) => state === 'running' || state === 'starting');
  if (going)
    throw new AppError('computer-busy', `“${going.name}” uses the computer now, ${consequence}`, hint);
}
