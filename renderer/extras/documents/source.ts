import BookOpenText from '@lucide/svelte/icons/book-open-text';
import type { RowsSource } from '../rows-source.ts';
import Dialog from './Documents.svelte';
import { text } from './text.ts';

export const source: RowsSource = { label: text.open, icon: BookOpenText, Dialog };
