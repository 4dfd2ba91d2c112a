import BookOpen from '@lucide/svelte/icons/book-open';
import type { ExtraPage } from '../page.ts';
import { learnText } from './text.ts';

export const page: ExtraPage = {
  id: 'learn',
  label: learnText.title,
  load: () => import('./Learn.svelte'),
  before: { page: 'settings', icon: BookOpen },
  inHelp: learnText.help,
};
