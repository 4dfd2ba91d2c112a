/** How large a saved copy becomes: weights times the bits that each takes, block scales included. An estimate, said as such. */
import type { RunDetails } from '../../../common/api/contract.ts';

export type ExportForm = 'peft' | 'safetensors' | 'gguf';
export type ExportType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0';

/** Bits of a weight; GGUF's blocks of 32 weights have one or two 16-bit scales. */
const BITS: Readonly<Record<ExportType, number>> = {
  ...{ f32: 32, f16: 16, bf16: 16 },
  ...{ q8_0: 8.5, q5_1: 6, q5_0: 5.5, q4_1: 5, q4_0: 4.5 },
};

const TYPES: Readonly<Record<ExportForm, readonly ExportType[]>> = {
  peft: ['f32', 'f16', 'bf16'],
  safetensors: ['f16', 'bf16', 'f32'],
  gguf: ['q8_0', 'f16', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'f32'],
};

/** Types of a form, the recommended one first. */
export const typesOf = (form: ExportForm): readonly ExportType[] => TYPES[form];

/** Bytes of a copy of the run's model, about; null where the run has not recorded its weights. */
export function copyBytes(
  { start }: Pick<RunDetails, 'start'>,
  form: ExportForm,
  type: ExportType,
): number | null {
  if (start === null) return null;
  const weights = form === 'peft' ? start.trainableParameters : start.parameters;
  return (weights * BITS[type]) / 8;
}
