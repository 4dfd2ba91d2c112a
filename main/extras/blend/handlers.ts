import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import { blend, combine } from './blends.ts';

export function blendCalls(os: Implementer, parts: Parts) {
  return {
    blend: os.blends.blend.handler(({ input }) => blend(parts, input)),
    combine: os.blends.combine.handler(({ input }) => combine(parts, input)),
  };
}
