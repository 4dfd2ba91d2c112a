import type { Given } from '../../session/call-row.ts';
import type { MergeConfig } from './merge.ts';

export const merge = async (given: Given<MergeConfig>) => (await import('./merge.ts')).merge(given);
