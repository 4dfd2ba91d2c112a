import type { ExtraPage } from '../page.ts';
import { searches } from './searches.ts';
import { search } from './text.ts';

export const page: ExtraPage = {
  id: 'search',
  label: search.title,
  load: () => import('./Search.svelte'),
  under: 'history',
  isOffered: () => searches.all.length > 0,
  watched: searches,
};
