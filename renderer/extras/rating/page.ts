import Scale from '@lucide/svelte/icons/scale';
import type { ExtraPage } from '../page.ts';
import { rating } from './text.ts';

export const page: ExtraPage = {
  id: 'rate',
  label: rating.title,
  load: () => import('./Rate.svelte'),
  before: { page: 'models', icon: Scale },
  givesRowsFor: 'prefer',
};
