/** Whether a training uses the computer: what is measured beside one would show what it leaves. */
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { workingProcess } from '../locks.ts';
import { allRuns } from '../runs/recover.ts';
import type { Supervisor } from '../runs/supervisor.ts';
import type { Store } from '../store/store.ts';

/** Throws AppError('computer-busy') while a training runs; `consequence` follows "… is using the computer, ". */
export function refuseWhileTraining(
  supervisor: Pick<Supervisor, 'list'>,
  consequence: string,
  hint: string,
): void {
  const going = supervisor.list().find(({ state }) => state === 'running' || state === 'starting');
  if (going)
    throw new AppError('computer-busy', say`“${going.name}” is using the computer, ${consequence}`, hint);
}

/**
 * Throws AppError('computer-busy') while a run of the history is computed, by the window or by a command: its folder is locked by a process
 * that lives. Runs in other data folders are not known here.
 */
export function refuseBesideTraining({ runs }: Pick<Store, 'runs'>): void {
  for (const { id, name } of allRuns({ runs }, ['running'])) {
    const pid = workingProcess(runs.get(id).folder);
    if (pid === null) continue;
    throw new AppError(
      'computer-busy',
      say`“${name}” is using the computer (process ${pid}), so its speed can't be measured.`,
      say`Pause it, or measure when it has ended.`,
    );
  }
}
