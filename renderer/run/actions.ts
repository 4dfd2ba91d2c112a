/** What can be done with a run from several places: its report, a repeat, a bundle, deleting it. */
import type { RunRow } from '../../common/api/contract.ts';
import { bytes } from '../../common/words/format.ts';
import { api, pickPath } from '../api.ts';
import { router } from '../router.svelte.ts';
import { toasts } from '../state/toasts.svelte.ts';
import { wizard } from '../state/wizard.svelte.ts';
import type { StepId } from '../state/wizard-steps.ts';
import { history as historyText } from '../text/history.ts';
import { run as text } from '../text/run.ts';
import { download } from '../ui/download.ts';

/** A name for a file: letters, digits and hyphens. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return plain || 'run';
}

/** Says what goes wrong; resolves with whether all went well. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    toasts.problem(error);
    return false;
  }
}

/** Gives the HTML report as a file. */
export async function downloadReport({ id, name }: Pick<RunRow, 'id' | 'name'>): Promise<void> {
  const { html } = await api.runs.report({ id });
  download(html, `${slug(name)}-report.html`, 'text/html;charset=utf-8');
}

/** Opens `step` of a new run with the settings of this one, and of a remedy on top where one is named. */
export async function repeat(id: string, remedy?: string, step: StepId = 'plan'): Promise<void> {
  await wizard.saveNow();
  const draft = await api.runs.duplicate(remedy === undefined ? { id } : { id, remedy });
  wizard.open(draft);
  router.go('new', step);
}

/** Makes a run between the untouched model and this one's result, and opens it. */
export async function blend(id: string, strength: number): Promise<void> {
  const { runId } = await api.jobs.blend({ runId: id, strength });
  router.go('run', runId);
}

/** Asks for a place and writes everything about the run into one file there. */
export async function saveBundle({ id, name }: Pick<RunRow, 'id' | 'name'>): Promise<void> {
  const [out] = await pickPath('save', `${slug(name)}.zip`);
  if (out === undefined) return;
  const { path, bytes: size } = await api.runs.bundle({ id, out });
  toasts.say(text.actions.bundled(path, bytes(size)));
}

/** Puts runs into the bin and offers to take them out again; `onchange` is called after both. */
export async function remove(
  runs: readonly Pick<RunRow, 'id' | 'name'>[],
  onchange: () => void,
): Promise<void> {
  const ids = runs.map(({ id }) => id);
  const { bytes: size, secondsToUndo } = await api.runs.delete({ ids });
  toasts.say(historyText.removed(ids.length, size), {
    seconds: secondsToUndo,
    undo: async () => {
      await api.runs.restore({ ids });
      toasts.say(historyText.restored(ids.length));
      onchange();
    },
  });
  onchange();
}
