/** The figures of a plan as a person reads them. */

import type {
  DeviceChoice,
  IfYouHad,
  LengthChoice,
  PlanEstimate,
  PlanFit,
  RangedFigure,
  Span,
  Why,
} from '../../../common/api/contract.ts';
import type { RunPlan } from '../../../common/protocol/protocol.ts';
import { measurableAt } from '../../../common/settings/executors.ts';
import { whyWords } from '../../../common/settings/reasons.ts';
import { capitalised } from '../../../common/values.ts';
import { leftOutWords } from '../../../common/words/run.ts';
import type { Costs } from '../../app/grounds.ts';
import type { PlannedHere } from '../../app/plan-here.ts';
import { nameOf } from '../../plan/device-choice.ts';
import type { CardFacts } from '../../plan/devices.ts';
import { lengthChoices } from '../../plan/lengths.ts';
import { fitOf } from '../../plan/peak-memory.ts';
import { bytes, duration, energy, money, number, percent, plainSpaces, plural } from '../words.ts';
import { methodLines, nearestLines, settingLines } from './proposal-text.ts';

const FITS: Readonly<Record<PlanFit, string>> = {
  comfortable: 'fits',
  tight: 'is tight',
  'too-big': 'DOES NOT FIT',
};

const RESTS_ON: Readonly<Record<RangedFigure['restsOn'], string>> = {
  formula: 'computed from the graph',
  benchmark: 'from the measured speed of this computer',
  runs: 'corrected by earlier runs on this computer',
  probe: 'measured in three steps',
};

const PART_NAMES: Readonly<Record<string, string>> = {
  program: 'the program itself',
  weights: 'frozen weights',
  adapters: 'trained weights',
  gradients: 'their gradients',
  optimizer: "the optimizer's moments",
  activations: 'activations',
  logits: 'output and loss',
  working: 'working memory',
  start: 'start',
  look: 'trying three learning rates first',
  steps: 'steps',
  evaluation: 'held-out rows',
  samples: 'answers to your prompts',
  checkpoints: 'writing',
  assessment: 'assessment',
};

interface Aside {
  readonly choice?: DeviceChoice | null;
  readonly precisionWhy?: Why | null;
  readonly card?: CardFacts | null;
  readonly costs?: Costs | null;
}

export function figuresText(
  plan: RunPlan,
  figures: PlanEstimate,
  freeBytes: number,
  { choice = null, precisionWhy = null, card = null, costs = null }: Aside = {},
): string[] {
  const { neededBytes, peakVramBytes, stepSeconds, totalSeconds } = figures;
  return [
    `Rows     ${plural(plan.rows, 'row')} to train on, ${number(plan.heldOutRows)} held out; ${plural(plan.steps, 'step')} of ${plural(plan.work.batchesPerStep * plan.rowsPerBatch, 'packed row')} with ${plural(plan.rowLength, 'token')} each`,
    ...(leftOutWords(plan.leftOut) === '' ? [] : [`         ${leftOutWords(plan.leftOut)}`]),
    ...(plan.testRowsWarning ? [`         ${plan.testRowsWarning}`] : []),
    ...cutText(plan),
    `Device   ${deviceText(plan)}`,
    ...choiceText(choice),
    ...(precisionWhy ? [`Numbers  ${whyWords(precisionWhy)}`] : []),
    `Memory   ${range(neededBytes, bytes)} needed, ${bytes(freeBytes)} free: it ${FITS[fitOf(neededBytes, freeBytes)]} (${RESTS_ON[neededBytes.restsOn]})`,
    ...partLines(figures.memoryParts.filter(({ part }) => part !== 'mapped-again')),
    ...countedTwice(figures),
    ...diskText(plan),
    ...(peakVramBytes
      ? [
          `Card     ${range(peakVramBytes, bytes)} of its memory${cardText(peakVramBytes, card)} (${RESTS_ON[peakVramBytes.restsOn]})`,
          ...partLines(figures.vramParts),
        ]
      : []),
    ...(totalSeconds && stepSeconds
      ? [
          `Time     ${range(totalSeconds, duration)} (${RESTS_ON[totalSeconds.restsOn]}); a step ${range(stepSeconds, duration)}`,
          ...figures.timeParts
            .filter(({ seconds }) => seconds >= 0.5)
            .map(({ part, seconds }) => `         ${duration(seconds).padStart(9)}  ${PART_NAMES[part]}`),
        ]
      : [timeMissing(plan)]),
    ...(costs ? energyText(figures, costs) : []),
    ...rentedText(figures.ifYouHad),
  ];
}

/** What would make the time known: the benchmark, of a card where one is named, or steps of the run. */
function timeMissing({ executor, device = 'cpu' }: RunPlan): string {
  const way = measurableAt({ device, executor });
  if (way)
    return `Time     not known: measure it with \`fettle hardware --bench --device ${way}\`, or add --probe`;
  return executor === 'ort'
    ? 'Time     not known: measure this computer with `fettle hardware --bench`, or add --probe'
    : `Time     not known: the benchmark doesn't measure ${executor}; --probe measures this run with it`;
}

/** Electricity, what it costs and what becomes of it; or what has to be known for that. */
function energyText({ kwh, cost, totalSeconds }: PlanEstimate, costs: Costs): string[] {
  const { watts, pricePerKwh, currency } = costs;
  if (watts === null) {
    const time = totalSeconds === null ? 'the time, and ' : '';
    return [
      `Energy   not known: it needs ${time}what this computer draws while it trains, such as --watts 150`,
      '         `fettle settings --watts 150` sets it for every plan',
    ];
  }
  if (!kwh || !cost || !totalSeconds) return ['Energy   not known as long as the time is not'];
  return [
    `Energy   ${range(kwh, energy)}: ${money(cost.value, currency)}, from ${watts} W and ${money(pricePerKwh, currency)} per kWh`,
    `         all of it becomes heat in the room: as much as a heater of ${watts} W for ${duration(totalSeconds.value)}`,
  ];
}

/** What the limit on the length of rows takes from them; where it takes something, what other limits would. */
function cutText({ cut, lengths, contextLength }: RunPlan): string[] {
  if (!cut) return [];
  const { maxLength, truncatedRows, lostRows, tokensLost, labelledLost } = cut;
  const at = `at ${plural(maxLength, 'token')}`;
  if (truncatedRows + lostRows === 0) return [`         nothing is cut off ${at}`];
  const lost = `${percent(tokensLost, 1)} of all tokens and ${percent(labelledLost, 1)} of what is learned are lost`;
  const others = lengths ? lengthChoices(lengths, contextLength ?? null).choices : [];
  return [
    `         ${truncatedRows > 0 ? `${plural(truncatedRows, 'row')} cut off ${at}` : `limit of ${plural(maxLength, 'token')}`}: ${lost}`,
    ...others.filter((one) => one.maxLength > maxLength).map((one) => `         ${limitText(one)}`),
  ];
}

function limitText({ maxLength, rowsCut, labelledLost }: LengthChoice): string {
  const lost =
    rowsCut === 0
      ? 'nothing is cut off'
      : `${plural(rowsCut, 'row')} cut off, ${percent(labelledLost, 1)} of what is learned lost`;
  return `  --max-length ${maxLength}: ${lost}`;
}

/** What a person reads in a list of processes, where that is more. */
function countedTwice({ peakRamBytes, memoryParts }: PlanEstimate): string[] {
  const again = memoryParts.find(({ part }) => part === 'mapped-again');
  if (!again || again.bytes < 1e6) return [];
  return [`         top shows ${bytes(peakRamBytes.value)}, because it counts mapped weights twice`];
}

/** A line for each part that is worth one. */
function partLines(parts: PlanEstimate['memoryParts']): string[] {
  return parts
    .filter((part) => part.bytes >= 1e6)
    .map((part) => `         ${bytes(part.bytes).padStart(9)}  ${PART_NAMES[part.part]}`);
}

/** What is written before the run begins, and whether there is room for it; and what is kept while it lasts. */
function diskText({ preparation, work }: RunPlan): string[] {
  return [...preparedText(preparation), ...keptText(work)];
}

function keptText({ frozen }: RunPlan['work']): string[] {
  if (!frozen) return [];
  const batches = plural(frozen.batches, 'micro-batch', 'micro-batches');
  return [
    `Kept     ${bytes(frozen.bytes)} on the disk of what frozen layers put out, until the run ends`,
    `         They compute the ${batches} of the first pass, and none of later ones (--no-keep-activations)`,
  ];
}

function preparedText(preparation: RunPlan['preparation']): string[] {
  if (!preparation || preparation.writtenBytes < 1e6) return [];
  const { writtenBytes, freeBytes, folder } = preparation;
  const free = freeBytes === null ? '' : `, ${bytes(freeBytes)} free`;
  const fits = freeBytes === null || freeBytes >= writtenBytes ? '' : ': it DOES NOT FIT';
  return [`Disk     ${bytes(writtenBytes)} of weights prepared once, in ${folder}${free}${fits}`];
}

function deviceText({ device = 'cpu', threads, executor, foundCard }: RunPlan): string {
  if (foundCard) return `${foundCard.name} (${executor})`;
  return device === 'cpu'
    ? `the processor, ${plural(threads, 'thread')} (${executor})`
    : `the graphics card by --device ${device} (${executor})`;
}

/** Why there, and what is said of the other devices that this computer has. */
function choiceText(choice: DeviceChoice | null): string[] {
  if (choice === null) return [];
  const { reason, offers, device, executor } = choice;
  const others = offers.filter(
    (one) => (one.device !== device || one.executor !== executor) && !reason.includes(one.reason.slice(1)),
  );
  const listed = others.filter(({ card }) => card !== null || device !== 'cpu');
  const lines = listed.map((one) => `${capitalised(nameOf(one))}: ${one.reason}`);
  return [reason, ...lines].map((line) => `         ${line}`);
}

function cardText(peak: RangedFigure, card: CardFacts | null): string {
  if (!card) return '; no card is known here, so nobody can say whether it fits';
  if (card.isShared || card.freeBytes === null) return '';
  return `, ${bytes(card.freeBytes)} free: it ${FITS[fitOf(peak, card.freeBytes)]}`;
}

/** The same run on cards that are not here; one line where it would be over before a card is rented. */
function rentedText(cards: readonly IfYouHad[]): string[] {
  const [first] = cards;
  if (!first) return [];
  const longest = Math.max(...cards.map(({ seconds }) => seconds.value));
  const allFit = cards.every(({ fits }) => fits);
  if (longest < 60 && allFit) {
    const names = cards.map(({ name }) => name).join(' or ');
    return [`Rented   under a minute on an ${names}, by published rates; not measured, loading left out`];
  }
  const { low, high } = first.utilisation;
  const reached = first.waits
    ? 'with the time to hand over the work of so small a model, for which the card mostly waits'
    : `of which trainings reach ${100 * low} to ${100 * high}%`;
  const assumed = cards.filter(({ assumedPrice }) => assumedPrice).length;
  const prices = [
    ...(assumed < cards.length ? ['your prices'] : []),
    ...(assumed > 0 ? [`prices assumed in ${first.pricesFrom}`] : []),
  ].join(' or ');
  return [
    ...cards.map(({ name, seconds, cost, currency, fits, memoryBytes, neededBytes }, index) => {
      const what = fits
        ? `${range(seconds, duration)}, ${price(cost.value)} ${currency}`
        : `needs ${bytes(neededBytes)} in 16 bits, more than its ${bytes(memoryBytes)}`;
      return `${index === 0 ? 'Rented   ' : '         '}${name}: ${what}`;
    }),
    `         from the makers' published rates in 16 bits, ${reached}, and ${prices}; not measured. Loading, and the wait until a card is rented, are left out`,
  ];
}

function price(value: number): string {
  return value < 0.01 ? 'less than 0.01' : value.toFixed(2);
}

function range({ value, low, high }: Span, words: (value: number) => string): string {
  return `${words(value)} (${words(low)} to ${words(high)})`;
}

/** The object of `--json`; docs/cli.md names its fields. */
export function planJson(found: PlannedHere, command: string | null) {
  const { plan, figures, freeBytes, card, fit, choice, precisionWhy, proposal, warnings, known } = found;
  // the warning of threads is among the others
  const { lengths: profile, work: _, memory: __, textbook: ___, threadsWarning: ____, ...facts } = plan;
  const { watts, pricePerKwh, currency } = known.costs;
  const { kwh, totalSeconds } = figures;
  const heat = kwh && totalSeconds && watts !== null ? { watts, seconds: totalSeconds.value } : null;
  const lengths = profile ? lengthChoices(profile, plan.contextLength ?? null) : null;
  return {
    ...facts,
    lengths,
    ...figures,
    heat,
    watts,
    pricePerKwh,
    currency,
    freeBytes,
    card,
    fit,
    choice,
    precisionWhy: precisionWhy && whyWords(precisionWhy),
    proposal,
    command,
    warnings,
  };
}

/** The plan as a person reads it, with the command for it, at most `width` columns wide where it is more than figures. */
export function planText(found: PlannedHere, command: string | null, width: number): string {
  const { plan, figures, freeBytes, choice, precisionWhy, card, proposal, isProposed, known } = found;
  const about = { choice, precisionWhy, card, costs: known.costs };
  const lines = figuresText(plan, figures, freeBytes, about);
  if (!proposal)
    return joined([
      ...lines,
      'Propose  full, LoRA and QLoRA side by side, and the best settings for each: add --propose',
    ]);
  const methods = methodLines(proposal, plan.parameters, width);
  const shown = proposal.methods.find(({ method }) => method === found.method)!;
  const nearest = nearestLines(proposal.nearest, known.models, width);
  const why = isProposed ? [] : ['         --propose shows its settings, each with its reason'];
  const train = command === null ? [] : [`Train    ${command}`, ...why];
  return isProposed
    ? joined([
        ...methods,
        ...settingLines(shown.method, shown.planned, width),
        ...lines,
        ...nearest,
        ...train,
      ])
    : joined([...lines, ...methods, ...nearest, ...train]);
}

/** What common/words wrote, as a terminal shows it. */
const joined = (lines: readonly string[]) => plainSpaces(`${lines.join('\n')}\n`);
