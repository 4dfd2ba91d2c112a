/** Sorting rows into the categories of a run, from a page: how far it is, what the scores are worth, and the file with them. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ClassifyNews } from '../../common/api/contract.ts';
import { say } from '../../common/words/language.ts';
import { channel } from './channel.ts';
import { defined } from './defined.ts';
import { movedModel } from './jobs.ts';
import { fileName, shortId } from './names.ts';
import type { Parts } from './parts.ts';

/** The folder in a run's folder that holds its files of sorted rows. */
export const SORTED = 'sorted';

interface Asked {
  readonly runId: string;
  /** The rows to sort; without them only the test rows are measured. */
  readonly paths?: readonly string[] | undefined;
  readonly askBelow?: number | undefined;
}

/** Sorts, and tells how far it is; the last news is the result. It ends with the page that asked. */
export function classified(
  { store, engine, allowed }: Pick<Parts, 'store' | 'engine' | 'allowed'>,
  { runId, paths, askBelow }: Asked,
  signal?: AbortSignal,
): AsyncGenerator<ClassifyNews> {
  return channel<ClassifyNews>(async (send) => {
    const run = store.runs.get(runId);
    if (paths) await allowed.read(paths);
    const out = paths && path.join(run.folder, SORTED, sortedName(paths));
    if (out) await mkdir(path.dirname(out), { recursive: true });
    // the models of a chat and these would be in memory together
    await engine.closeModels();
    const result = await engine.classify(
      {
        run: run.folder,
        ...defined({ model: movedModel(store, run), data: paths && [...paths], out, askBelow }),
      },
      (event) => {
        if (event.event !== 'phase') return;
        const { phase, fraction = null } = event;
        send({ kind: 'progress', doing: doingIn(phase, paths !== undefined), fraction });
      },
      signal,
    );
    send({ kind: 'result', result });
  });
}

/** `mails.csv` as `mails-sorted-a1b2c3.csv`. */
function sortedName([first = 'rows']: readonly string[]): string {
  return fileName(`${path.parse(first).name}-sorted-${shortId()}.csv`);
}

function doingIn(phase: string, hasRows: boolean): string {
  if (phase === 'evaluate') return say`Checking the scores on test rows`;
  return phase === 'read' && hasRows ? say`Sorting the rows` : say`Loading the model`;
}
