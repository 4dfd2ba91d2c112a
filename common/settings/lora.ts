/** The adapters of LoRA: their rank and scale, and which matrices get one. */
import { count, number as inWords, plural } from '../words/format.ts';
import { type Beside, number, setting, text, toggle, whole } from './row.ts';

/** Ranks that a plan proposes. */
export const RANKS = [8, 16, 32, 64] as const;

/** A setting of adapters: what is said of it where there are none, and that a resumed run keeps it. */
const adapters = (name: string) => ({
  resumed: true as const,
  unused: (_: unknown, { method: trained }: Beside) =>
    trained === 'full'
      ? ([
          `{${name}} is a setting of LoRA, but the method is full fine-tuning, which has no adapter.`,
          `Leave out {${name}}, or take {method} lora.`,
        ] as const)
      : null,
});

export const LORA = [
  setting('lora.rank', 'LoRA', {
    ...adapters('lora.rank'),
    type: whole(1, 4096),
    default: 16,
    about: 'rank of the adapter matrices',
    alsoCalled: ['lora-rank', 'lora-r', 'r'],
    words: { name: 'Rank' },
    plan: {
      field: 'rank',
      nullable: true,
      has: (settings) => settings.rank !== null,
      text: (value: number | null) => (value === null ? 'no adapters' : inWords(value)),
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
          `Rank ${inWords(rank)} is usual and holds all that these rows can teach.`,
        'rank-few-rows': ({ rank, rows }: { rank: number; rows: number }) =>
          `${plural(rows, 'row')} fill no larger adapters than those of rank ${inWords(rank)}; smaller ones learn less by heart.`,
        'rank-knowledge': ({ rank }: { rank: number }) =>
          `Facts need more room than a style or a format: rank ${inWords(rank)} in place of the usual 16.`,
        'rank-holds': ({ rank, labelledTokens }: { rank: number; labelledTokens: number }) =>
          `Rank ${inWords(rank)}, so that the adapters can hold what ${count(labelledTokens)} trained tokens teach.`,
        'rank-memory': ({ rank, usual }: { rank: number; usual: number }) =>
          `Rank ${inWords(rank)} in place of ${inWords(usual)}, so that it fits into the memory.`,
        'rank-none': () => 'There are no adapters: every weight is trained.',
      },
    },
  }),
  setting('lora.alpha', 'LoRA', {
    ...adapters('lora.alpha'),
    type: number(0.001, 65536),
    about: 'scale of the adapter: its output is multiplied by alpha / rank',
    fallback: '2 x rank',
    alsoCalled: ['lora-alpha'],
    settle: (value: number | undefined, { lora }) => value ?? 2 * lora!.rank,
    words: {
      name: 'Alpha',
      about: 'how strongly the adapter counts: its output is multiplied by alpha divided by the rank',
      usual: 'twice the rank',
    },
  }),
  setting('lora.dropout', 'LoRA', {
    ...adapters('lora.dropout'),
    type: number(0, 0.95),
    default: 0,
    about: "share of the adapter's inputs that is dropped at random in training",
    alsoCalled: ['lora-dropout'],
    words: { name: 'Dropout' },
  }),
  setting('lora.targets', 'LoRA', {
    ...adapters('lora.targets'),
    type: { kind: 'names', word: 'all-linear' },
    default: 'all-linear',
    about: 'layers that get an adapter: all-linear, or names such as q_proj,v_proj',
    value: 'NAMES',
    alsoCalled: ['target-modules', 'lora-targets', 'modules'],
    words: {
      name: 'Layers',
      about:
        'matrices of each layer that get an adapter: all-linear for all of them, or their names in the model’s files, such as q_proj,v_proj',
    },
  }),
  setting('lora.layers', 'LoRA', {
    ...adapters('lora.layers'),
    // numbers and ranges, counted from 0, or the last few
    type: { ...text, pattern: /^(last-\d{1,4}|\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*)$/ },
    about: 'which of the equal layers get adapters, from 0: 8-15, 0,4,8-11, or last-4',
    value: 'LAYERS',
    fallback: 'all',
    alsoCalled: ['layers-to-transform', 'lora-layers', 'num-layers', 'layer-subset'],
    words: {
      name: 'Which layers',
      about:
        'which layers get adapters, by number or from the end; the first one is 0: 8-15, or 0,4,8-11, or last-4',
    },
  }),
  setting('lora.rsLora', 'LoRA', {
    ...adapters('lora.rsLora'),
    type: toggle,
    default: false,
    about: 'scale by alpha / sqrt(rank) instead (rank-stabilised LoRA)',
    alsoCalled: ['use-rslora', 'rslora'],
    words: {
      name: 'Rank-stabilised LoRA',
      about: 'divide alpha by the square root of the rank, and not by the rank',
    },
  }),
  setting('lora.dora', 'LoRA', {
    ...adapters('lora.dora'),
    type: toggle,
    default: false,
    about: 'train the lengths of the weights apart from their directions (DoRA)',
    alsoCalled: ['use-dora'],
    resumed: (value: boolean) => value,
    words: {
      name: 'DoRA',
      about: 'train how long the weights of each output are apart from where they point',
    },
  }),
] as const;
