import TextSearch from '@lucide/svelte/icons/text-search';
import type { ExtraPage } from '../page.ts';
import { find } from './text.ts';

export const page: ExtraPage = {
  id: 'find',
  label: find.title,
  load: () => import('./Find.svelte'),
  before: { page: 'models', icon: TextSearch },
  asGoal: { ...find.goal, servesBetter: 'knowledge' },
};
