/** The type of an icon that a component takes: what `@lucide/svelte/icons/…` exports. */
import type { LucideIcon } from '@lucide/svelte';

export type IconComponent = LucideIcon;

export type Tone = 'good' | 'warn' | 'bad' | 'neutral' | 'accent';
