/** An update of each layer right after its gradient, which saves the memory of the others' gradients. */
import { FULL_ONLY, isOpen } from '../../settings/full.ts';
import { isOverPairs } from '../../settings/objective.ts';
import {
  type Beside,
  isMixed,
  keepsHalves,
  refusalsIn,
  setting,
  toggle,
  usually,
} from '../../settings/row.ts';
import { said, say } from '../../words/language.ts';

/** What stands against an update of each layer right after its gradient. */
const layerwiseRefusals = (beside: Beside) => [
  beside.method !== 'full' && say`{layerwiseUpdate} needs {method} full; leave it out`,
  !keepsHalves(beside) && say`{layerwiseUpdate} needs the processor and the executor ort`,
  isOverPairs(beside) &&
    say`{layerwiseUpdate} doesn’t work with {objective} ${beside.objective!}, whose loss needs all answers at once`,
  isMixed(beside) &&
    say`{layerwiseUpdate} doesn’t work with {precision} f16, which may have to repeat a step`,
  beside.recompute !== undefined &&
    beside.recompute !== 'none' &&
    beside.recompute !== 'block' &&
    say`{layerwiseUpdate} recomputes all layers: {recompute} must be block or left out; got ${beside.recompute}`,
];

const LAYERS = { whole: 'all layers together', layerwise: 'one layer at a time' } as const;

export const layerwiseUpdate = setting('layerwiseUpdate', 'Memory', {
  type: toggle,
  default: false,
  about: 'full: update each layer as soon as its gradient is known, to save memory',
  elsewhere: {
    to: 'none',
    isOpen: true,
    refused: (value: boolean | undefined) =>
      value === true && say`{layerwiseUpdate} saves memory on this computer; leave it out`,
  },
  allowed: (value: boolean, beside) => value && layerwiseRefusals(beside),
  implies: (value: boolean) =>
    value ? { recompute: 'block', cannotLook: say`{look} doesn’t work with {layerwiseUpdate}.` } : {},
  card: { name: 'update', text: (value: boolean) => value && 'each layer right after its gradient' },
  settle: (value: boolean) => value || undefined,
  processorOnly: [true],
  stateOnHost: [true],
  words: {
    name: 'Layer-wise update',
    about: 'full fine-tuning: updates one layer at a time to save memory',
  },
  plan: {
    values: [true, false],
    anyway: [false],
    savedBytes: (value: boolean) => (value ? 5.9 : 0),
    usual: usually(false, 'layerwise-not-needed', 'layerwise-adapters'),
    ...FULL_ONLY,
    text: (value: boolean) => said(value ? LAYERS.layerwise : LAYERS.whole),
    control: {
      options: [
        { value: false, key: 'whole', label: LAYERS.whole },
        { value: true, key: 'layerwise', label: LAYERS.layerwise },
      ],
      hint: 'One layer at a time needs less memory for gradients.',
      open: isOpen,
      without: { layerwise: ['recompute', 'precision'] },
    },
    lighter: [
      {
        // in no more time than recomputing each block: it changes only how gradients are clipped
        rung: 60,
        degrees: [{ value: true, why: 'layerwise-memory', short: 'updates layer by layer' }],
        when: (settings) => settings.recompute === 'block',
      },
    ],
    reasons: {
      'layerwise-not-needed': () => say`There is enough memory for the gradients of all layers.`,
      'layerwise-adapters': () => say`Adapters are so small that their gradients need almost no memory.`,
      'layerwise-memory': () =>
        say`Updates one layer at a time to save memory. Long gradients are limited slightly differently.`,
    },
  },
  rescue: {
    // after all else that costs time alone; the state is the same with and without it
    rung: 30,
    next: (settings, { value, onProcessor }) => {
      if (settings.recompute !== 'block' || value || !onProcessor) return null;
      if (refusalsIn(layerwiseRefusals({ ...settings, device: 'cpu' })).length > 0) return null;
      const clips = (settings.maxGradNorm ?? 0) > 0;
      return {
        changes: { layerwiseUpdate: true },
        how: say`with updates of one layer at a time`,
        sameNumbers: !clips,
        why: clips
          ? say`long gradients are limited layer by layer, so losses may differ slightly`
          : say`each layer gets the same update, only sooner`,
      };
    },
  },
});
