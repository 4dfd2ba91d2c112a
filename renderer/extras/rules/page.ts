import Ruler from '@lucide/svelte/icons/ruler';
import type { ExtraPage } from '../page.ts';
import { drills } from './drills.ts';
import { rules } from './text.ts';

export const page: ExtraPage = {
  id: 'rules',
  label: rules.title,
  load: () => import('./Rules.svelte'),
  before: { page: 'models', icon: Ruler },
  watched: drills,
};
