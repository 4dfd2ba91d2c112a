/** What suits a goal: which samples show it, which models learn it. The one table behind "recommended" everywhere. */

export const GOALS = [
  'sort',
  'format',
  'style',
  'prefer',
  'tools',
  'think',
  'character',
  'knowledge',
  'continue',
] as const;
export type GoalId = (typeof GOALS)[number];

/** The bundled model among those on the computer. */
export const PRACTICE_ID = 'practice';

interface Sample {
  /** Goals that its rows show; the first one best. */
  readonly goals: readonly GoalId[];
  /** What its rows need beside them to say what to do. */
  readonly system?: string;
  /** Whether the practice model, which knows a small made-up world, can learn it. */
  readonly practice?: true;
}

export const SAMPLES: Readonly<Record<string, Sample>> = {
  'support-messages': {
    goals: ['sort', 'format'],
    system: 'Sort the messages of customers.',
    practice: true,
  },
  'product-descriptions': { goals: ['format', 'style'] },
  'support-answers': { goals: ['style', 'knowledge'] },
  'formal-tone': { goals: ['style'] },
  'plain-language': { goals: ['style'] },
  'polite-answers': { goals: ['prefer'], practice: true },
  'tool-calls': { goals: ['tools'] },
  'think-first': { goals: ['think'] },
  'humorous-tone': { goals: ['character', 'style'] },
  'continued-text': { goals: ['continue'] },
};

const [SMALLEST, QUICK, SMALL, HALF, HANDY, MIDDLE, LARGE, LARGEST] = [
  'HuggingFaceTB/SmolLM2-135M-Instruct',
  'LiquidAI/LFM2-350M',
  'HuggingFaceTB/SmolLM2-360M-Instruct',
  'Qwen/Qwen2.5-0.5B-Instruct',
  'LiquidAI/LFM2-1.2B',
  'Qwen/Qwen2.5-1.5B-Instruct',
  'HuggingFaceTB/SmolLM2-1.7B-Instruct',
  'HuggingFaceTB/SmolLM3-3B',
];
const ANSWERING = [LARGEST, LARGE, MIDDLE, HANDY, HALF, SMALL, QUICK, SMALLEST];

/** Models of the catalog that learn it, the best first. */
export const MODELS: Readonly<Record<GoalId, readonly string[]>> = {
  // small models sort as well as large ones, and faster
  sort: [HALF, SMALL, QUICK, SMALLEST],
  format: [LARGEST, MIDDLE, HANDY, HALF, SMALL, QUICK, SMALLEST],
  style: ANSWERING,
  prefer: ANSWERING,
  // their chat templates have a place for tools
  tools: [LARGEST, 'Qwen/Qwen3-1.7B', MIDDLE, 'Qwen/Qwen3-0.6B', HALF],
  // they think before they answer already
  think: [LARGEST, 'Qwen/Qwen3-1.7B', 'Qwen/Qwen3-0.6B'],
  character: ANSWERING,
  knowledge: ANSWERING,
  // a base model goes on with a text; one for conversations answers it
  continue: [
    'HuggingFaceTB/SmolLM3-3B-Base',
    'HuggingFaceTB/SmolLM2-1.7B',
    'HuggingFaceTB/SmolLM2-360M',
    'HuggingFaceTB/SmolLM2-135M',
    'distilbert/distilgpt2',
  ],
};

/** What the chat template of a model needs a place for. */
export const SKILLS: Readonly<Partial<Record<GoalId, 'tools' | 'thinking'>>> = {
  tools: 'tools',
  think: 'thinking',
};

/** Settings that a goal brings, beneath what the person sets. */
export const GOAL_SETTINGS: Readonly<Partial<Record<GoalId, Readonly<Record<string, unknown>>>>> = {
  prefer: { objective: 'dpo' },
};

/** Whether the practice model can learn the goal: there is a sample of it that it can. */
export function suitsPractice(goal: GoalId = GOALS[0]): boolean {
  return Object.values(SAMPLES).some(({ goals, practice }) => practice === true && goals[0] === goal);
}

/** How well a sample suits a goal: 0 best, larger is worse, null not at all. */
export function suits(sample: string, goal: GoalId | undefined): number | null {
  const place = goal === undefined ? -1 : (SAMPLES[sample]?.goals ?? []).indexOf(goal);
  return place < 0 ? null : place;
}
