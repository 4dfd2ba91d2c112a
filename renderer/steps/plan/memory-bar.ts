/** The parts of a run's memory as the bar shows them: in the computer's memory, and in that of the card that computes. */
import type { PlanEstimate } from '../../../common/api/contract.ts';
import { plan as text } from '../../text/wizard-plan.ts';

/** Weights that are mapped twice exist once: the bar shows what must be free. Bytes. */
export function memoryBar(
  parts: PlanEstimate['memoryParts'],
): { readonly kind: string; readonly label: string; readonly value: number }[] {
  return parts
    .filter(({ part, bytes }) => part !== 'mapped-again' && bytes > 0)
    .map(({ part, bytes }) => ({ kind: part, label: text.memoryParts[part], value: bytes }));
}
