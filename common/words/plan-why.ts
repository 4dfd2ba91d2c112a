/** Why the settings of a plan are what they are, and what would fit where nothing does: a sentence for each reason of the planner. */
import type { Nearest, PlanMethod, Why, WhyKey, WhyNumbers } from '../api/contract.ts';
import { about, bytes, count, number, percent, plural, rateText } from './format.ts';

type Sentences = { readonly [Key in WhyKey]: (numbers: WhyNumbers[Key]) => string };

const SENTENCES: Sentences = {
  own: () => 'Set by you.',
  'of-run': () => 'As in the run that this one repeats.',

  'tiny-model': ({ parameters }) =>
    `A model of ${count(parameters)} weights is so small that training all of them costs little, and our practice model learned at least as much that way.`,
  'adapter-enough': ({ rows }) =>
    `For ${plural(rows, 'row')} adapters learn as much as training every weight would; they need less memory and keep more of what the model knows.`,
  'much-data': ({ labelledTokens, capacityTokens }) =>
    `There is much to learn: ${count(labelledTokens)} trained tokens, where adapters of rank 64 hold about ${count(capacityTokens)}.`,
  'lightest-fits': ({ peakBytes, freeBytes }) =>
    `It needs the least memory of the methods that fit: ${bytes(peakBytes)} of the ${bytes(freeBytes)} that are free.`,
  'smaller-weights': () =>
    'It holds the weights of the model in 4 bits, which is what makes it fit with room to spare.',
  'fastest-here': ({ seconds, wishSeconds }) =>
    `Nothing ends within ${hours(wishSeconds)}; this is the fastest, with ${about(seconds)}.`,

  'too-big': ({ peakBytes, freeBytes }) =>
    `It needs ${bytes(peakBytes)} at least, and ${bytes(freeBytes)} are free.`,
  tight: ({ peakBytes, freeBytes }) =>
    `It would be tight: ${bytes(peakBytes)} of the ${bytes(freeBytes)} that are free.`,
  'too-slow': ({ seconds, wishSeconds }) => `It takes ${about(seconds)}, longer than ${hours(wishSeconds)}.`,
  'forgets-more': () =>
    'It changes every weight: it needs several times the memory and forgets more, and learns no more from this many rows.',
  'adapter-learned-less': ({ parameters }) =>
    `Adapters have no advantage for a model of only ${count(parameters)} weights: with them our practice model sorted 86% of messages right, with every weight trained 88%, and it forgot no less.`,
  'holds-less': ({ labelledTokens, capacityTokens }) =>
    `Adapters of rank 64 hold about ${count(capacityTokens)} trained tokens; there are ${count(labelledTokens)}.`,
  'not-needed': () => 'It saves memory at some cost in exactness, and there is enough memory without it.',

  'device-choice': ({ reason }) => reason,
  'executor-usual': () =>
    'It comes with Fettle. Another one is taken where it was measured to be faster here.',
  'rank-usual': ({ rank }) => `Rank ${number(rank)} is usual and holds all that these rows can teach.`,
  'rank-few-rows': ({ rank, rows }) =>
    `${plural(rows, 'row')} fill no larger adapters than those of rank ${number(rank)}; smaller ones learn less by heart.`,
  'rank-knowledge': ({ rank }) =>
    `Facts need more room than a style or a format: rank ${number(rank)} in place of the usual 16.`,
  'rank-holds': ({ rank, labelledTokens }) =>
    `Rank ${number(rank)}, so that the adapters can hold what ${count(labelledTokens)} trained tokens teach.`,
  'rank-memory': ({ rank, usual }) =>
    `Rank ${number(rank)} in place of ${number(usual)}, so that it fits into the memory.`,
  'rank-none': () => 'There are no adapters: every weight is trained.',
  'length-all': ({ maxLength, longest }) =>
    `Nothing is cut off: your longest row has ${plural(longest, 'token')}, and ${number(maxLength)} are taken at once.`,
  'length-most': ({ rowsCut, labelledLost }) =>
    `${plural(rowsCut, 'long row')} would need much memory and ${rowsCut === 1 ? 'is' : 'are'} cut off; that loses ${share(labelledLost)} of what is learned.`,
  'length-limit': ({ maxLength, rowsCut, labelledLost }) =>
    `The model reads ${plural(maxLength, 'token')}: ${plural(rowsCut, 'row')} ${rowsCut === 1 ? 'is' : 'are'} cut off there, and ${share(labelledLost)} of what is to be learned is lost.`,
  'length-text': ({ maxLength }) =>
    `Running text is divided into pieces of ${plural(maxLength, 'token')}; nothing is lost.`,
  'length-usual': ({ maxLength }) =>
    `${plural(maxLength, 'token')} are usual while rows have not been counted.`,
  'length-memory': ({ maxLength, usual, labelledLost }) =>
    `Rows end at ${plural(maxLength, 'token')} in place of ${number(usual)}, so that it fits into the memory; that loses ${share(labelledLost)} of what is learned.`,
  'length-time': ({ maxLength, usual, labelledLost }) =>
    `Rows end at ${plural(maxLength, 'token')} in place of ${number(usual)}, so that it ends in time; that loses ${share(labelledLost)} of what is learned.`,
  'micro-usual': ({ tokens }) =>
    `${plural(tokens, 'token')} keep the computer busy; more would only need more memory.`,
  'micro-longest': ({ tokens }) =>
    `A whole row must go through at once, so it is ${plural(tokens, 'token')}.`,
  'micro-memory': ({ tokens, usual }) =>
    `${plural(tokens, 'token')} in place of ${number(usual)}, so that it fits into the memory. That costs no quality: more of them are taken together in a step.`,
  'accumulation-one': ({ batchTokens, steps }) =>
    `A step learns from ${plural(batchTokens, 'token')}, which makes ${steps === 1 ? 'one step' : `about ${number(steps)} steps`}.`,
  'accumulation-batch': ({ accumulation, batchTokens, steps }) =>
    `${number(accumulation)} micro-batches make a step of ${plural(batchTokens, 'token')}: a calmer direction, and still about ${plural(steps, 'step')}.`,
  'epochs-rows': ({ epochs, rows }) =>
    `${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: few rows must be seen more often, many less.`,
  'epochs-tiny': ({ epochs, rows }) =>
    `${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: a very small model needs to see them more often.`,
  'epochs-time': ({ epochs, usual, wishSeconds }) =>
    epochs < 1
      ? `Only ${percent(epochs)} of the rows in place of ${passes(usual)}, to end within ${hours(wishSeconds)}.`
      : `${passes(epochs)} in place of ${number(usual, fraction(usual))}, to end within ${hours(wishSeconds)}.`,
  'rate-tiny': ({ rate }) => `${rateText(rate)} was best for a model this small when we measured it.`,
  'rate-adapter': ({ rate, parameters }) =>
    `${rateText(rate)} is usual for adapters at ${count(parameters)} weights, about ten times the rate for all weights; smaller models take larger steps.`,
  'rate-full': ({ rate, parameters }) =>
    `${rateText(rate)} is usual for all weights at ${count(parameters)}; smaller models take larger steps.`,
  'decay-adapter': () => 'Adapters are small and need none.',
  'decay-full': ({ decay }) => `A little (${decay}) keeps weights from growing.`,
  'decay-tiny': ({ decay }) =>
    `${decay}, as it was when we measured the best run of adapters on a model this small.`,
  'warmup-usual': ({ ratio }) => `The rate rises over the first ${percent(ratio)} of the steps, as is usual.`,
  'warmup-short': ({ ratio, steps }) =>
    `With only ${plural(steps, 'step')} it takes ${percent(ratio)} of them to rise gently.`,
  'held-out-tenth': () => 'A tenth of the rows is kept apart to measure on.',
  'held-out-fifth': ({ rows }) =>
    `A fifth of the rows is kept apart: of ${plural(rows, 'row')}, a tenth would be too little to measure on.`,
  'held-out-most': ({ rows, of }) =>
    `${plural(rows, 'row')} of ${number(of)} are kept apart: more would make measuring slower and hardly better.`,
  'held-out-file': () => 'You have given rows of their own to measure on.',
  'recompute-attention': () =>
    'What attention works out between tokens is computed again in place of being kept: a little slower, and what makes it fit.',
  'recompute-third': () =>
    'The values of every third layer are computed again in place of being kept, and of the others what attention works out: slower by about a tenth, and what makes it fit.',
  'recompute-half': () =>
    'The values of every second layer are computed again in place of being kept, and of the others what attention works out: slower by about a sixth, and what makes it fit.',
  'recompute-block': () =>
    'The values of each layer are computed again in place of being kept: slower by about a third, and what makes it fit.',
  'recompute-not-needed': () => 'There is enough memory to keep all values.',
  'optimizer-usual': () => 'There is enough memory to keep the moments of all weights as they are.',
  'optimizer-adapters': () => 'Adapters have so few weights that smaller moments would save next to nothing.',
  'optimizer-memory': () =>
    'The two moments of each weight take 2 bytes in place of 8: that makes it fit, and the update is a little slower.',
  'bits-memory': () =>
    'The weights stay in the 16 bits in which the model’s files have them, half of the memory, and are made exact for each product: the results are the same, and it fits.',
  'bits-not-needed': () =>
    'There is enough memory for the weights in 32 bits, with which a step is quickest.',
  'bits-none': () =>
    'Only weights that are not trained and have 16 bits in the model’s files can stay in them.',
  'bits-full': () => 'All weights are trained, so none of them are rounded.',
  'bits-rounded': () =>
    'QLoRA rounds the weights that are not trained to 4 bits, an eighth of their memory. In 8 bits next to nothing is lost, and they take twice as much.',
  'quant-usual': () =>
    'Even steps are the quickest. From files in 16 bits NF4 stays closer to the model: when we measured it, the held-out loss came within 2.0% of LoRA’s and not 2.3%, and a step took a twentieth longer.',
  'quant-kept': () =>
    'The model’s file is rounded already. Even steps keep its weights of 4 bits nearly as they are: when we measured it, the held-out loss came within 0.1% of LoRA’s.',
  'quant-memory': () =>
    'NF4 takes 4.1 bits for each weight in place of 4.5, which helps it fit, and stays closer to a model whose file has 16 bits. A step takes about a twentieth longer.',
  'quant-none': () => 'Only weights in 4 bits have such a choice.',
  'precision-exact': () =>
    'Products in 32 bits are the most exact. In 16 bits a step often takes less memory on graphics cards that can do it, but that has not been tried on a real one yet.',
  'masters-usual': () => 'There is enough memory to keep all trained weights in 32 bits.',
  'masters-adapters': () => 'Adapters have so few weights that 16 bits for each would save next to nothing.',
  'layerwise-not-needed': () => 'There is enough memory for the gradients of all layers at once.',
  'layerwise-adapters': () => 'Adapters have so few weights that their gradients take next to nothing.',
  'layerwise-memory': () =>
    'Each layer is updated as soon as its gradient is known, so that only one layer has a gradient at a time: that makes it fit. Only gradients that are too long are shortened a little differently.',
  'masters-memory': () =>
    'All weights are kept in 16 bits, half of their memory. At each step they are rounded up or down by chance, so that small changes are not lost: that makes it fit.',
};

/** A reason in words: one or two sentences. */
export function whyWords<Key extends WhyKey>({ key, numbers }: Extract<Why, { key: Key }>): string {
  return SENTENCES[key](numbers as WhyNumbers[Key]);
}

/** What was made lighter so that a run fits, in a few words each: where no sentence has room. */
const SHORT: Readonly<Partial<Record<WhyKey, string>>> = {
  'micro-memory': 'fewer tokens at once',
  'bits-memory': 'weights in 16 bits',
  'optimizer-memory': 'moments in 8 bits',
  'quant-memory': 'NF4',
  'recompute-attention': 'computes attention again',
  'recompute-third': 'computes some values again',
  'recompute-half': 'computes some values again',
  'recompute-block': 'computes values again',
  'layerwise-memory': 'updates layer by layer',
  'masters-memory': 'trained weights in 16 bits',
  'length-memory': 'shorter rows',
  'rank-memory': 'smaller adapters',
};

/** `fewer tokens at once, computes values again`; empty where nothing was given up. */
export function lighterWords(lighter: readonly Why[]): string {
  return lighter.map(({ key }) => SHORT[key] ?? key).join(', ');
}

const METHOD_NAMES: Readonly<Record<PlanMethod, string>> = {
  full: 'full fine-tuning',
  lora: 'LoRA',
  qlora: 'QLoRA',
};

/** What would fit where nothing does, in a sentence. */
export function nearestWords(nearest: Nearest): string {
  switch (nearest.kind) {
    case 'close-programs':
      return `Close other programs to free ${bytes(nearest.bytes)}.`;
    case 'method':
      return `Use ${METHOD_NAMES[nearest.method]}: it needs ${bytes(nearest.peakBytes)}.`;
    case 'length':
      return `Cut rows off at ${plural(nearest.maxLength, 'token')}: it needs ${bytes(nearest.peakBytes)}, and loses ${share(nearest.labelledLost)} of what is to be learned.`;
    case 'micro-batch':
      return `Take ${plural(nearest.tokens, 'token')} at once: it needs ${bytes(nearest.peakBytes)}, and learns as well.`;
    case 'rank':
      return `Lower the rank to ${number(nearest.rank)}: it needs ${bytes(nearest.peakBytes)}.`;
    case 'model':
      return `Choose a smaller model: ${nearest.name} (${count(nearest.parameters)}) would need about ${bytes(nearest.peakBytes)}.`;
  }
}

function hours(seconds: number): string {
  const value = seconds / 3600;
  return `${number(value, fraction(value))} ${value === 1 ? 'hour' : 'hours'}`;
}

function passes(epochs: number): string {
  return `${number(epochs, fraction(epochs))} ${epochs === 1 ? 'pass' : 'passes'}`;
}

function fraction(value: number): number {
  return Number.isInteger(value) ? 0 : 2;
}

/** Small shares with a decimal, so that they are not shown as nothing. */
function share(value: number): string {
  if (value === 0) return 'nothing';
  if (value < 0.001) return 'less than 0.1%';
  return percent(value, value < 0.1 ? 1 : 0);
}
