/** The engine call of trying a run with fewer rows. It imports types and the makers of rows alone. */
import type { TriesResult } from '../../../../common/extras/tries/result.ts';
import { call, JOB } from '../../session/call-row.ts';
import type { TriesAsked } from './tries.ts';

/** A step ends, and a checkpoint is written. */
const KEEPING_MS = 60_000;

/** Trains the run's plan on a quarter and on half of its rows, and forecasts what more would bring. */
export const tries = call<TriesAsked, TriesResult>(JOB, 'sorter', { keepingMs: KEEPING_MS });
