/** The pages of the rail, in its order; the palette lists the same. */
import BookOpen from '@lucide/svelte/icons/book-open';
import Boxes from '@lucide/svelte/icons/boxes';
import CirclePlus from '@lucide/svelte/icons/circle-plus';
import History from '@lucide/svelte/icons/rotate-ccw-clock';
import Settings from '@lucide/svelte/icons/settings';
import { frame } from '../text/frame.ts';
import type { IconComponent } from '../ui/icon.ts';

export interface NavPage {
  readonly id: string;
  readonly label: string;
  readonly icon: IconComponent;
  /** First segments of addresses that belong to it. */
  readonly owns: readonly string[];
}

export const navPages: readonly NavPage[] = [
  { id: 'new', label: frame.pages.new, icon: CirclePlus, owns: ['new'] },
  { id: 'history', label: frame.pages.history, icon: History, owns: ['history', 'run', 'compare'] },
  { id: 'models', label: frame.pages.models, icon: Boxes, owns: ['models'] },
  { id: 'learn', label: frame.pages.learn, icon: BookOpen, owns: ['learn'] },
  { id: 'settings', label: frame.pages.settings, icon: Settings, owns: ['settings'] },
];
