/** The adapters of LoRA: their rank and scale, and which matrices get one. */
import { count, number as inWords, plural } from '../words/format.ts';
import { say } from '../words/language.ts';
import { BY_RULES } from './phrases.ts';
import { type Beside, number, setting, text, toggle, whole } from './row.ts';

/** Ranks that a plan proposes. */
export const RANKS = [8, 16, 32, 64] as const;

const ADAPTER = { to: 'adapter/, which PEFT loads' };

/** A setting of adapters: what is said of it where there are none, and that a resumed run keeps it. */
const adapters = (name: string) => ({
  elsewhere: ADAPTER,
  resumed: true as const,
  unused: (_: unknown, { method: trained }: Beside) =>
    trained === 'full'
      ? ([
          say`{${name}} is for adapters, and full fine-tuning has none.`,
          say`Leave out {${name}}, or choose {method} lora.`,
        ] as const)
      : null,
});

export const LORA = [
  setting('lora.rank', 'LoRA', {
    ...adapters('lora.rank'),
    type: whole(1, 4096),
    default: 16,
    fallback: BY_RULES,
    about: 'rank: the size of the adapters',
    alsoCalled: ['lora-rank', 'lora-r', 'r'],
    words: { name: 'Rank', about: 'size of the adapters; larger ones can learn more and need more memory' },
    plan: {
      field: 'rank',
      nullable: true,
      has: (settings) => settings.rank !== null,
      text: (value: number | null) => (value === null ? say`no adapters` : inWords(value)),
      control: { step: 8 },
      lighter: [
        {
          rung: 90,
          degrees: [{ value: RANKS[0], why: 'rank-memory', short: 'smaller adapters' }],
          costsQuality: true,
          when: (settings) => (settings.rank ?? 0) > RANKS[0],
          numbers: (rank, usual) => ({ rank, usual }),
        },
      ],
      reasons: {
        'rank-usual': ({ rank }: { rank: number }) =>
          say`Rank ${inWords(rank)} is usual and enough for your rows.`,
        'rank-few-rows': ({ rank, rows }: { rank: number; rows: number }) =>
          say`For ${plural(rows, 'row')}, adapters of rank ${inWords(rank)} are enough and memorise less.`,
        'rank-knowledge': ({ rank }: { rank: number }) =>
          say`Facts need more room than a style, so the rank is ${inWords(rank)}.`,
        'rank-holds': ({ rank, labelledTokens }: { rank: number; labelledTokens: number }) =>
          say`Rank ${inWords(rank)} has room for ${count(labelledTokens)} tokens of answers.`,
        'rank-memory': ({ rank, usual }: { rank: number; usual: number }) =>
          say`Rank ${inWords(rank)} instead of ${inWords(usual)}, to save memory.`,
        'rank-none': () => say`All weights are trained, so there are no adapters.`,
      },
    },
  }),
  setting('lora.alpha', 'LoRA', {
    ...adapters('lora.alpha'),
    type: number(0.001, 65536),
    about: 'strength of the adapter: its output is multiplied by alpha / rank',
    fallback: '2 x rank',
    alsoCalled: ['lora-alpha'],
    settle: (value: number | undefined, { lora }) => value ?? 2 * lora!.rank,
    words: {
      name: 'Alpha',
      about: 'how strongly the adapter counts',
      usual: 'twice the rank',
    },
  }),
  setting('lora.dropout', 'LoRA', {
    ...adapters('lora.dropout'),
    type: number(0, 0.95),
    default: 0,
    about: "share of the adapter's inputs dropped at random in training",
    elsewhere: {
      to: `${ADAPTER.to}; it drops other values than here`,
      differs: (value: number, { method }) =>
        method !== 'full' && value > 0 && say`Dropout drops other values there, so losses differ slightly.`,
    },
    alsoCalled: ['lora-dropout'],
    words: { name: 'Dropout', about: 'share of the input dropped at random, against memorising' },
  }),
  setting('lora.targets', 'LoRA', {
    ...adapters('lora.targets'),
    type: { kind: 'names', word: 'all-linear' },
    default: 'all-linear',
    about: 'layers with an adapter: all-linear, or names such as q_proj,v_proj',
    value: 'NAMES',
    alsoCalled: ['target-modules'],
    words: {
      name: 'Layers',
      about: 'kinds of layers with an adapter',
      values: { 'all-linear': 'all' },
    },
  }),
  setting('lora.layers', 'LoRA', {
    ...adapters('lora.layers'),
    // numbers and ranges, counted from 0, or the last few
    type: { ...text, pattern: /^(last-\d{1,4}|\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*)$/ },
    about: 'layers with adapters, counted from 0: 8-15, 0,4,8-11, or last-4',
    value: 'LAYERS',
    fallback: 'all',
    alsoCalled: ['layers-to-transform', 'num-layers'],
    words: {
      name: 'Layer numbers',
      about: 'layers with adapters, counted from 0: 8-15, or last-4',
    },
  }),
  setting('keepActivations', 'LoRA', {
    type: toggle,
    default: false,
    fallback: 'on with --layers',
    about: 'compute what frozen lower layers put out once a row, and keep it on the disk',
    elsewhere: { to: 'none: frozen layers compute in each pass' },
    settle: (value: boolean) => value || undefined,
    resumed: true,
    unused: (value: unknown, { method, lora }: Beside) =>
      value === true && (method === 'full' || lora?.layers === undefined)
        ? ([
            say`{keepActivations} needs frozen layers below those with adapters, and here there are none.`,
            say`Leave out {keepActivations}, or choose {lora.layers}, such as last-8.`,
          ] as const)
        : null,
    words: {
      name: 'Kept activations',
      about: 'computes what frozen lower layers put out once for each row and keeps it on the disk',
      usual: 'on where some layers are chosen',
    },
  }),
  setting('lora.rsLora', 'LoRA', {
    ...adapters('lora.rsLora'),
    type: toggle,
    default: false,
    about: 'scale by alpha / sqrt(rank) (rank-stabilised LoRA)',
    alsoCalled: ['use-rslora'],
    words: {
      name: 'Rank-stabilised LoRA',
      about: 'trains more steadily at high ranks',
    },
  }),
  setting('lora.dora', 'LoRA', {
    ...adapters('lora.dora'),
    type: toggle,
    default: false,
    about: 'train size and direction of weights separately (DoRA)',
    alsoCalled: ['use-dora'],
    resumed: (value: boolean) => value,
    words: {
      name: 'DoRA',
      about: 'trains size and direction of weights separately, which takes longer',
    },
  }),
] as const;

/** Whether a run whose settings name layers, and not whether their input is kept, keeps it. */
export function keepsUnasked(of: (name: string) => unknown): boolean {
  return of('lora.layers') !== undefined && of('keepActivations') === undefined;
}
