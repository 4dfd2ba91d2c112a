import type { CallIo } from '../../session/call-row.ts';
import type { TriesAsked } from './tries.ts';

export const tries = async (asked: TriesAsked, io: CallIo) => (await import('./tries.ts')).triesOf(asked, io);
