/** Begins a download and says so; the Downloads list shows the rest. */
import { api } from '../api.ts';
import { toasts } from '../state/toasts.svelte.ts';
import { modelsText } from '../text/models.ts';

export async function startDownload(repo: string): Promise<void> {
  try {
    await api.models.download({ repo });
    toasts.say(modelsText.downloads.started(repo));
  } catch (error) {
    toasts.problem(error);
  }
}
