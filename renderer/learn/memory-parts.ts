/** The parts of memory as bars draw them: their words, and one colour for the same thing everywhere. */
import type { GraphMemory, MemoryAnswer, TextbookPart } from '../../common/api/contract.ts';
import { memoryWords as text } from '../text/learn/memory.ts';

export interface BarPart {
  readonly label: string;
  readonly value: number;
  readonly kind: string;
}

const KINDS: Readonly<Record<TextbookPart, string>> = {
  weights: 'weights',
  adapters: 'adapters',
  gradients: 'gradients',
  master: 'master',
  moments: 'state',
  activations: 'working',
};

/** The parts of the textbook's answer. */
export function textbookParts({ parts }: Pick<MemoryAnswer, 'parts'>): BarPart[] {
  return parts.map(({ part, bytes }) => ({ label: text.parts[part], value: bytes, kind: KINDS[part] }));
}

/** The parts of what Fettle's graph takes. */
export function fettleParts(graph: GraphMemory): BarPart[] {
  const words = text.fettleParts;
  return [
    { label: words.weights, value: graph.weightBytes, kind: 'weights' },
    { label: words.state, value: graph.stateBytes, kind: 'state' },
    { label: words.working, value: graph.workingBytes, kind: 'working' },
    { label: words.program, value: graph.programBytes, kind: 'program' },
  ].filter(({ value }) => value > 0);
}
