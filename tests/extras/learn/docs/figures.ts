/** What stands in docs/learn where a page of the application has a figure: tables from the same functions, pictures in words. */

import { ClusterQuestion, MemoryQuestion, TimeQuestion } from '../../../../common/extras/learn/calls.ts';
import { bytes, count, duration, money, number, percent } from '../../../../common/words/format.ts';
import { rate } from '../../../../main/engine/eval/assess/statistics.ts';
import { clusterTraining } from '../../../../main/extras/learn/cluster.ts';
import { lessonSettings } from '../../../../main/extras/learn/lessons.ts';
import {
  adapterSize,
  type Sized,
  trainingMemory,
  trainingTime,
} from '../../../../main/extras/learn/textbook.ts';
import { readCatalog } from '../../../../main/hub/catalog.ts';
import { resourcesFolder } from '../../../../main/paths.ts';
import { adaptedMatrices, type ModelShape, shapeOf, typicalShape } from '../../../../main/plan/shapes.ts';
import type { Figure } from '../../../../renderer/extras/learn/text/page.ts';
import {
  clusterWords,
  forgettingWords,
  judgingWords,
  loraWords,
  memoryWords,
  pictureWords,
  timeWords,
} from '../../../../renderer/extras/learn/text.ts';
import { publishedFigures } from './published.ts';

type Row = readonly string[];

/** The text for each figure. */
export const FIGURES: Readonly<Record<Figure, () => Promise<string> | string>> = {
  'picture-stages': () => `> ${pictureWords.stages.label}`,
  'picture-lora': () => `> ${pictureWords.lora.label}`,
  'picture-rounding': () => `> ${pictureWords.rounding.label}`,
  'memory-calculator': memoryTables,
  'memory-methods': memoryMethods,
  'adapter-size': adapterSizes,
  'time-calculator': timeTables,
  'cluster-calculator': clusterTable,
  'judging-calculator': judgingTable,
  experiment: experiment,
};

export function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** The parts of an answer and their sum, in the order of `PARTS`. */
const PARTS = ['weights', 'adapters', 'gradients', 'master', 'moments', 'activations'] as const;

function memoryRow(name: string, question: Sized<MemoryQuestion>): Row {
  const { parts, totalBytes } = trainingMemory(question);
  const of = (wanted: (typeof PARTS)[number]) => parts.find(({ part }) => part === wanted)?.bytes;
  return [name, ...PARTS.map((part) => (of(part) === undefined ? '' : bytes(of(part)))), bytes(totalBytes)];
}

const memoryHead: Row = ['', ...PARTS.map((part) => memoryWords.parts[part]), 'Together'];
const asked = (given: Partial<MemoryQuestion>) => MemoryQuestion.parse(given);

async function memoryTables(): Promise<string> {
  const cases: readonly (readonly [string, Partial<MemoryQuestion>])[] = [
    ['FP16, AdamW', {}],
    ['FP32, AdamW', { format: 'fp32' }],
    ['Mixed precision, AdamW', { masterWeights: true }],
    ['FP16, AdamW in 8 bits', { optimizer: 'adamw-8bit' }],
    ['FP16, SGD with momentum', { optimizer: 'sgd-momentum' }],
    ['FP16, SGD', { optimizer: 'sgd' }],
    ['FP16, AdamW, 4 rows of 1,024 tokens', { batch: 4 }],
    ['the same, selective recompute', { batch: 4, recompute: 'selective' }],
    ['the same, full recompute', { batch: 4, recompute: 'full' }],
  ];
  const models = (await readCatalog(resourcesFolder())).filter(({ repo }) => !repo.includes('-Instruct'));
  const ways: readonly Partial<MemoryQuestion>[] = [
    {},
    { method: 'lora' },
    { method: 'qlora', format: 'int4' },
  ];
  return [
    'A model with 7 billion weights, all trainable:',
    table(
      memoryHead,
      cases.map(([name, given]) => memoryRow(name, asked(given))),
    ),
    'Models of the catalog, in 16 bits with AdamW, without activations; adapters of rank 16 on all matrices:',
    table(
      ['Model', 'Weights', ...Object.values(memoryWords.methods)],
      models.map(({ name, repo, parameters }) => [
        name,
        count(parameters),
        ...ways.map((way) =>
          bytes(trainingMemory({ ...asked(way), parameters, shape: shapeOf(repo) }).totalBytes),
        ),
      ]),
    ),
  ].join('\n\n');
}

function memoryMethods(): string {
  const { trainedParameters } = trainingMemory(asked({ method: 'lora' }));
  return [
    'A model with 7 billion weights, without activations; adapters of rank 16 on all matrices:',
    table(memoryHead, [
      memoryRow('Full fine-tuning in FP16', asked({})),
      memoryRow('LoRA, weights in FP16', asked({ method: 'lora' })),
      memoryRow('QLoRA, weights in 4 bits', asked({ method: 'qlora', format: 'int4' })),
    ]),
    `${loraWords.methodsNote(trainedParameters)} ${countText(typicalShape(7e9))}`,
  ].join('\n\n');
}

/** How the weights of adapters of rank 16 on all matrices are counted. */
function countText(shape: ModelShape): string {
  const matrices = adaptedMatrices(shape, 'all').map((sizes) => sizes.toSorted((a, b) => a - b));
  const alike = Map.groupBy(matrices, (sizes) => sizes.join(' '));
  const counted = [...alike.values()].map((group) => {
    const [less = 0, more = 0] = group[0]!;
    const { adapter } = adapterSize(less, more, 16);
    return `${group.length} of ${number(less)} by ${number(more)}, each with an adapter of 16 × (${number(less)} + ${number(more)}) = ${number(adapter)} weights`;
  });
  return `As in ${shape.name}, each of ${shape.layers} layers has matrices of two sizes: ${counted.join(', and ')}.`;
}

function adapterSizes(): string {
  return [
    'A matrix of 4,096 by 4,096:',
    table(
      ['Rank', 'Weights of the matrix', 'Weights of the adapter', 'Share'],
      [4, 8, 16, 32, 64].map((rank) => {
        const { matrix, adapter } = adapterSize(4096, 4096, rank);
        return [number(rank), number(matrix), number(adapter), percent(adapter / matrix, 2)];
      }),
    ),
  ].join('\n\n');
}

/** Their date, and how to take others. */
function pricesOf({ currency, pricesFrom }: { currency: string; pricesFrom: string }): string {
  return `Prices in ${currency} are assumptions of ${pricesFrom}, not offers. In the app each has a field that keeps yours, for plans too; \`fettle learn time --price a100-80=2.10\` takes another.`;
}

function timeTables(): string {
  const answers = (['full', 'lora'] as const).map((method) => trainingTime(TimeQuestion.parse({ method })));
  const [full, lora] = answers as [(typeof answers)[0], (typeof answers)[0]];
  return [
    `7 billion weights, 10,000 rows of 500 tokens, 3 epochs: ${number(full.tokens)} tokens. Utilisation 40%. ${pricesOf(full)} By the textbook, one row at a time needs ${bytes(full.neededBytes)} in full, ${bytes(lora.neededBytes)} with LoRA.`,
    table(
      [
        '',
        'Memory',
        'Peak (TFLOP/s)',
        'Price an hour',
        'Full',
        'Cost',
        'LoRA',
        'Cost',
        'Source of memory and peak',
      ],
      full.machines.map((card, index) => {
        const other = lora.machines[index]!;
        const mark = (fits: boolean) => (fits ? '' : ` (${timeWords.tooSmall})`);
        return [
          card.name,
          bytes(card.memoryBytes),
          number(card.peakFlops / 1e12, 1).replace(/\.0$/, ''),
          money(card.pricePerHour, full.currency),
          duration(card.seconds) + mark(card.fits),
          money(card.cost, full.currency),
          duration(other.seconds) + mark(other.fits),
          money(other.cost, full.currency),
          card.source,
        ];
      }),
    ),
  ].join('\n\n');
}

function clusterTable(): string {
  const answers = (['full', 'lora', 'qlora'] as const).map((method) => ({
    method,
    ...clusterTraining(ClusterQuestion.parse({ method })),
  }));
  const { card, question, currency } = answers[0]!;
  return [
    `10,000 rows of 500 tokens, 3 epochs, on cards of the kind ${card.name} with ${question.rowsPerCard} rows at once. ${number(card.watts)} W a card, and a tenth more for servers and cooling. ${pricesOf(answers[0]!)}`,
    table(
      ['Model', 'Method', 'Cards', 'Time', 'One experiment', `Series of ${question.experiments}`],
      answers.flatMap(({ method, models }) =>
        models.map(({ name, cards, figures }): Row => {
          const cost = (times: number) =>
            figures ? clusterWords.cost(times * figures.cost, currency, times * figures.kwh) : '';
          const ways = [memoryWords.methods[method], number(cards), duration(figures?.seconds)];
          return [name, ...ways, cost(1), cost(question.experiments)];
        }),
      ),
    ),
    'Figures that were published, and what the same arithmetic gives:',
    publishedTable(),
  ].join('\n\n');
}

function publishedTable(): string {
  const written = (value: number, unit: string) =>
    unit === 'operations' ? value.toExponential(2) : number(value, unit === 'GB' && value < 10 ? 1 : 0);
  return table(
    ['', 'Published', 'Here', 'Difference', 'Source'],
    publishedFigures().map(({ what, unit, published, ours, source }): Row => {
      const difference = ours / published - 1;
      const sign = difference < 0 ? '−' : '+';
      const figures = [published, ours].map((value) => `${written(value, unit)} ${unit}`);
      return [what, ...figures, `${sign}${percent(Math.abs(difference), 1)}`, source];
    }),
  );
}

function judgingTable(): string {
  const cases = [10, 30, 100, 300, 1000].map((rows) => ({ rows, right: Math.round(0.9 * rows) }));
  return [
    'Nine of ten rows are right:',
    table(
      [judgingWords.rows, judgingWords.right, 'Range'],
      cases.map(({ rows, right }) => {
        const { low, high } = rate(right, rows);
        return [number(rows), number(right), `${percent(low, 1)} to ${percent(high, 1)}`];
      }),
    ),
  ].join('\n\n');
}

function experiment(): string {
  return [
    'In the app a button starts these trainings and shows their results side by side:',
    table(
      ['', 'Settings', ''],
      lessonSettings().map(({ variant, settings }) => {
        const { title, about } = forgettingWords.variants[variant];
        return [title, forgettingWords.settings(settings), about];
      }),
    ),
  ].join('\n\n');
}
