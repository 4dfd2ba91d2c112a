/** The report that a person can send in: everything as JSON, and as Markdown what a reader looks for first. */
import type { GgmlCard, Hardware } from '../../common/api/contract.ts';
import type { SkippedFact } from './clock.ts';
import { EXTRA_CHECKS, type Fact, type GoldenFact, isRight, type OpFact, type TrainFact } from './facts.ts';
import type { MemoryFact } from './ggml-memory.ts';
import type { PartResult } from './run.ts';

export interface Report {
  readonly made: string;
  readonly executor: string;
  readonly device: string;
  /** What computed, in the executor's own words: "CPU, 2 threads". */
  readonly computes: string;
  readonly passed: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly hardware: Hardware;
  /** What ggml sees; empty where another executor was checked. */
  readonly cards: readonly GgmlCard[];
  readonly parts: readonly PartResult[];
}

/** Whether every check came to its end and found what it should; what was left out is neither. */
export function hasPassed(parts: readonly PartResult[]): boolean {
  return (
    parts.every(({ facts, died }) => died === null && facts.length > 0 && facts.every(isRight)) &&
    parts.some(({ facts }) => facts.some((fact) => !isSkipped(fact)))
  );
}

const isSkipped = (fact: Fact): fact is SkippedFact => fact.kind === 'skipped';

/** In a word; what left something out says so. */
export function resultOf({ passed, parts }: Pick<Report, 'passed' | 'parts'>): string {
  if (!passed) return 'FAILED';
  return parts.some(({ facts }) => facts.some(isSkipped)) ? 'passed in part' : 'passed';
}

const WHAT: Readonly<Record<string, string>> = {
  openvino: 'with OpenVINO on',
  ggml: 'with ggml on',
};

/** The report in Markdown. */
export function markdownOf(report: Report): string {
  const { executor, device, computes, made, versions, hardware, parts } = report;
  const what = WHAT[executor] ?? EXTRA_CHECKS[executor]?.title ?? 'on the device';
  const library = hardware.libraries[executor];
  const facts = parts.flatMap((part) => part.facts);
  return [
    `# Fettle ${what} \`${device}\`: ${resultOf(report)}`,
    '',
    `Made ${made}. ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    `- Computed: ${computes}`,
    ...(library ? [`- Its library: ${library.reason}`] : []),
    ...report.cards.map(
      ({ name, description, kind, totalBytes, freeBytes }) =>
        `- ggml’s ${name}: ${description}, ${kind}, ${gb(freeBytes)} of ${gb(totalBytes)} free`,
    ),
    ...hardwareLines(hardware),
    '',
    ...(executor === 'ggml'
      ? ['For [docs/cards.md](docs/cards.md):', '', ...CARD_HEAD, cardRow(report), '']
      : []),
    '| part | seconds | checked | wrong | |',
    '|---|---|---|---|---|',
    ...parts.map(partLine),
    '',
    ...wrongLines(facts),
    ...skippedLines(facts),
    ...opLines(facts),
    ...goldenLines(facts),
    ...otherLines(facts),
  ].join('\n');
}

const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

/** The table of docs/cards.md. */
const CARD_HEAD = [
  '| card | system, driver | Fettle | result | largest difference of an operation | tokens a second, the processor | memory, predicted | longest piece |',
  '|---|---|---|---|---|---|---|---|',
];

/** A row of it, without a name or a path of the person. */
function cardRow(report: Report): string {
  const { computes, hardware, versions, parts } = report;
  const facts = parts.flatMap((part) => part.facts);
  const worst = Math.max(
    0,
    ...facts.map((fact) => (fact.kind === 'op' ? (fact.worst ?? Number.POSITIVE_INFINITY) : 0)),
  );
  const train = facts.find((fact): fact is TrainFact => fact.kind === 'train');
  const memory = facts.filter(
    (fact): fact is MemoryFact => fact.kind === 'memory' && fact.takenBytes !== null,
  );
  const sum = (of: (fact: MemoryFact) => number | null) =>
    memory.reduce((total, fact) => total + (of(fact) ?? 0), 0);
  const drivers = hardware.graphics.map(({ driver }) => driver).filter(Boolean);
  return `| ${[
    computes,
    [hardware.system, ...drivers].join(', '),
    versions.fettle ?? '',
    resultOf(report),
    worst.toExponential(1),
    train ? `${train.tokensPerSecond.toFixed(0)}, ${train.processorTokensPerSecond.toFixed(0)}` : '',
    memory.length > 0
      ? `${gb(sum((fact) => fact.takenBytes))}, ${gb(sum((fact) => fact.predictedBytes))}`
      : '',
    memory.some(({ pieces }) => pieces > 0)
      ? `${Math.max(...memory.map(({ longestMs }) => longestMs)).toFixed(0)} ms`
      : '',
  ].join(' | ')} |`;
}

function hardwareLines({ system, processor, memory, graphics, inside }: Hardware): string[] {
  return [
    `- System: ${system}${inside === null ? '' : `, in ${inside}`}`,
    `- Processor: ${processor.name}, ${processor.threads} threads; ${(memory.total / 1e9).toFixed(1)} GB of memory`,
    ...graphics.flatMap((card) => [
      `- Graphics: ${card.name}, driver ${card.driver ?? 'none'}, ${card.totalMemory === null ? 'no memory of its own' : `${(card.totalMemory / 1e9).toFixed(1)} GB`}`,
      ...card.access.map(
        ({ through, usable, reason }) => `  - ${through}: ${usable ? 'usable' : 'not usable'}. ${reason}`,
      ),
    ]),
  ];
}

function partLine({ part, seconds, facts, died }: PartResult): string {
  const wrong = facts.filter((fact) => !isRight(fact)).length;
  const checked = facts.filter((fact) => !isSkipped(fact)).length;
  const end = died === null ? '' : `ended by ${died.how}`;
  const left = checked < facts.length ? 'something left out, below' : '';
  return `| ${part} | ${seconds.toFixed(0)} | ${checked} | ${wrong} | ${[end, left].filter(Boolean).join('; ')} |`;
}

function skippedLines(facts: readonly Fact[]): string[] {
  const skipped = facts.filter(isSkipped);
  if (skipped.length === 0) return [];
  return ['## Left out', '', ...skipped.map(({ what, why }) => `- ${what}: ${why}`), ''];
}

function wrongLines(facts: readonly Fact[]): string[] {
  const wrong = facts.filter((fact) => !isRight(fact));
  if (wrong.length === 0) return [];
  return ['## Wrong', '', ...wrong.map((fact) => `- ${nameOf(fact)}: ${whatIsWrong(fact)}`), ''];
}

function nameOf(fact: Fact): string {
  if (fact.kind === 'op') return `${fact.op}, sample ${fact.sample}`;
  if (fact.kind === 'leaks') return `tensors of ${fact.method}`;
  if (fact.kind === 'memory') return `memory of ${fact.shape}`;
  return fact.kind === 'golden' ? `${fact.family}, ${fact.quantity}` : fact.kind;
}

function whatIsWrong(fact: Fact): string {
  if (fact.error !== undefined) return fact.error.replace(/\s+/g, ' ');
  if (fact.kind === 'train')
    return `losses ${fact.losses.join(', ')} where the processor has ${fact.processorLosses.join(', ')}`;
  if (fact.kind === 'half')
    return `losses ${fact.losses.join(', ')} where float32 has ${fact.floatLosses.join(', ')}`;
  if (fact.kind === 'memory')
    return `took ${fact.takenBytes} bytes where ${fact.predictedBytes} were predicted, ${fact.longestMs.toFixed(0)} ms at once`;
  if (fact.kind === 'leaks')
    return `${fact.moreAfterSteps} more after the last step than after the second, ${fact.leftAtEnd} left at the end`;
  return 'worst' in fact ? `off by ${fact.worst?.toExponential(1)}, ${fact.tolerance} is allowed` : '';
}

function opLines(facts: readonly Fact[]): string[] {
  const ops = facts.filter((fact): fact is OpFact => fact.kind === 'op');
  if (ops.length === 0) return [];
  const names = [...new Set(ops.map(({ op }) => op))];
  return [
    '## Operations',
    '',
    '| operation | samples | largest difference | nodes by provider |',
    '|---|---|---|---|',
    ...names.map((name) => {
      const own = ops.filter(({ op }) => op === name);
      const worst = Math.max(...own.map((fact) => fact.worst ?? Number.POSITIVE_INFINITY));
      const placed: Record<string, number> = {};
      for (const fact of own)
        for (const [provider, n] of Object.entries(fact.placed))
          placed[provider] = (placed[provider] ?? 0) + n;
      return `| ${name} | ${own.length} | ${Number.isFinite(worst) ? worst.toExponential(1) : 'failed'} | ${listed(placed)} |`;
    }),
    '',
  ];
}

const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ');

function goldenLines(facts: readonly Fact[]): string[] {
  const lines = facts.filter((fact): fact is GoldenFact => fact.kind === 'golden');
  if (lines.length === 0) return [];
  const families = [...new Set(lines.map(({ family }) => family))];
  return [
    '## Reference values',
    '',
    '| family | quantities | wrong | nearest to its tolerance |',
    '|---|---|---|---|',
    ...families.map((family) => {
      const own = lines.filter((line) => line.family === family);
      const share = (line: GoldenFact) => (line.tolerance === 0 ? 0 : (line.worst ?? 0) / line.tolerance);
      const nearest = own.reduce((a, b) => (share(b) > share(a) ? b : a));
      return `| ${family} | ${own.length} | ${own.filter((line) => !isRight(line)).length} | ${nearest.quantity}: ${(100 * share(nearest)).toFixed(0)} % |`;
    }),
    '',
  ];
}

function otherLines(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) => {
    if (fact.kind === 'placement')
      return [
        '## Where a training step runs',
        '',
        `Nodes: ${listed(fact.nodes)}`,
        '',
        ...Object.entries(fact.byOperation).map(([provider, ops]) => `- ${provider}: ${listed(ops)}`),
        '',
      ];
    if (fact.kind === 'train')
      return [
        '## Training',
        '',
        `${fact.steps} steps of the practice model, ${fact.tokens} tokens in a micro-batch: ${fact.tokensPerSecond.toFixed(0)} tokens/s, on the processor ${fact.processorTokensPerSecond.toFixed(0)}.`,
        `Losses ${fact.losses.map((loss) => loss.toFixed(5)).join(', ')}; on the processor ${fact.processorLosses.map((loss) => loss.toFixed(5)).join(', ')}.`,
        '',
      ];
    if (fact.kind === 'half')
      return [
        '## Mixed precision',
        '',
        `${fact.steps} steps with \`--precision f16\`: ${fact.tokensPerSecond.toFixed(0)} tokens/s, in float32 ${fact.floatTokensPerSecond.toFixed(0)}. Nodes: ${listed(fact.nodes)}. Warnings of the loss scale: ${fact.overflows}.`,
        `Losses ${fact.losses.map((loss) => loss.toFixed(5)).join(', ')}; in float32 ${fact.floatLosses.map((loss) => loss.toFixed(5)).join(', ')}.`,
        '',
      ];
    if (fact.kind === 'memory')
      return [
        `Memory of ${fact.shape}: ${gb(fact.takenBytes ?? 0)}, predicted ${gb(fact.predictedBytes ?? 0)}.${fact.pieces > 0 ? ` In ${fact.pieces} pieces, the longest ${fact.longestMs.toFixed(0)} ms.` : ''}`,
        '',
      ];
    if (fact.kind === 'leaks')
      return [
        `Tensors kept by ${fact.steps} steps of ${fact.method}: ${fact.moreAfterSteps} by later steps, ${fact.leftAtEnd} at the end.`,
        '',
      ];
    return fact.kind === 'bench'
      ? ['## Benchmark', '', '```json', JSON.stringify(fact.rates, null, 2), '```', '']
      : [];
  });
}
