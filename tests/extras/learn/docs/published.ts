/** What was published of large trainings, beside what the calculators say of the same question. */
import { ClusterQuestion, MemoryQuestion, TimeQuestion } from '../../../../common/extras/learn/calls.ts';
import { clusterTraining } from '../../../../main/extras/learn/cluster.ts';
import { trainingMemory, trainingTime } from '../../../../main/extras/learn/textbook.ts';

const LLAMA = 'H. Touvron and others, "Llama 2", 2023 (arXiv 2307.09288), table 2';
const ZERO = 'S. Rajbhandari and others, "ZeRO", 2020 (arXiv 1910.02054), figure 1';
const GPT =
  'T. Brown and others, "Language Models are Few-Shot Learners", 2020 (arXiv 2005.14165), table D.1';

/** Two trillion tokens on 2,048 cards whose network nothing waits for: theirs divided layers too, so that less crosses it. */
const LLAMA_RUN = {
  ...{ rows: 976_562_500, tokensPerRow: 2048, epochs: 1, recompute: false },
  ...{ card: 'a100-80', leastCards: 2048, rowsPerCard: 1, networkBandwidth: 300e9 },
};

function llamaHours(name: string): number {
  const { models } = clusterTraining(ClusterQuestion.parse(LLAMA_RUN));
  return models.find((model) => model.name === name)!.figures!.cardHours;
}

const mixed = () =>
  trainingMemory(MemoryQuestion.parse({ parameters: 7.5e9, masterWeights: true })).totalBytes;

function gptOperations(): number {
  const question = { parameters: 174.6e9, rows: 146_484_375, tokensPerRow: 2048, epochs: 1 };
  return trainingTime(TimeQuestion.parse(question)).flops;
}

export interface Published {
  readonly what: string;
  readonly unit: 'hours' | 'GB' | 'operations';
  readonly published: number;
  readonly ours: number;
  readonly source: string;
}

const hours = (name: string, published: number): Published => ({
  ...{ what: `${name}, 2 trillion tokens, A100 with 80 GB`, unit: 'hours', published, source: LLAMA },
  ours: llamaHours(name),
});

export function publishedFigures(): readonly Published[] {
  return [
    hours('Llama 2 7B', 184_320),
    hours('Llama 2 13B', 368_640),
    hours('Llama 2 70B', 1_720_320),
    {
      ...{ what: '7.5 billion weights in mixed precision, one card', unit: 'GB', published: 120 },
      ...{ ours: mixed() / 1e9, source: ZERO },
    },
    {
      ...{ what: 'the same, divided among 64 cards', unit: 'GB', published: 1.9 },
      ...{ ours: mixed() / 64 / 1e9, source: ZERO },
    },
    {
      ...{ what: 'GPT-3, 300 billion tokens', unit: 'operations', published: 3.14e23 },
      ...{ ours: gptOperations(), source: GPT },
    },
  ];
}
