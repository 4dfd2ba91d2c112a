/** Against forgetting: a blend with the base model, which needs no training. */
import { percent } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { RemedyEvidence, RemedyPlan } from '../../eval/assess/remedy.ts';

/** Of what training changed, so much is kept; of a run that is a blend itself, so much of its share. */
const BLEND_STRENGTH = 0.7;

/** No training: in seconds a person sees whether that is enough. What it brings can't be told before. */
export function blendRemedy({
  config: { out, blend: own },
  verdict: { forgot },
}: RemedyEvidence): RemedyPlan | null {
  if (forgot !== 'little' && forgot !== 'much') return null;
  const strength = Number((BLEND_STRENGTH * (own?.strength ?? 1)).toPrecision(2));
  return {
    name: 'blend',
    why: say`Mixes ${percent(strength)} of the trained model with the base model, without training. Some of what it learned is lost.`,
    gain: null,
    seconds: 0,
    changes: {
      blend: { of: own?.with === undefined ? (own?.of ?? out) : out, strength },
    },
  };
}
