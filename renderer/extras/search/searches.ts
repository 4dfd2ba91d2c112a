import type { SettingsSearch } from '../../../common/extras/search/calls.ts';
import { api } from '../../api.ts';
import { LiveList } from '../../state/jobs.svelte.ts';

/** Searches of settings, the newest first. */
export const searches = new LiveList<SettingsSearch>((signal) => api.search.watch(undefined, { signal }));
