import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import type { ExtraPage } from '../page.ts';
import { teacher } from './text.ts';

export const page: ExtraPage = {
  id: 'teach',
  label: teacher.title,
  load: () => import('./Teach.svelte'),
  before: { page: 'models', icon: GraduationCap },
  givesRowsFor: 'sort',
};
