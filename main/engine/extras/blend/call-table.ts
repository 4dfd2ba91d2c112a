/** The engine call of adding up adapters. It imports types and the makers of rows alone. */
import type { MergeResult } from '../../../../common/extras/blend/merge-result.ts';
import { call, type Given, READING } from '../../session/call-row.ts';
import type { MergeConfig } from './merge.ts';

/** Writes one adapter that does what several do. */
export const merge = call<Given<MergeConfig>, MergeResult>(READING, 'own');
