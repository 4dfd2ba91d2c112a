import Scale from '@lucide/svelte/icons/scale';
import type { ExtraPage } from '../page.ts';
import { rating } from './text.ts';

export const page: ExtraPage = {
  id: 'rate',
  label: rating.title,
  icon: Scale,
  load: () => import('./Rate.svelte'),
  before: 'models',
  givesRowsFor: 'prefer',
};
