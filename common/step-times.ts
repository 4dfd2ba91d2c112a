/** How a graphics card's LoRA steps compare with the processor's, in a sentence, for the page and the command line. */
import type { DeviceRates, Rates } from './api/contract.ts';
import { processorOf } from './settings/executors.ts';
import { number } from './words/format.ts';
import { say } from './words/language.ts';

/** What is faster by less than this is not known to be (docs/decisions/0027-choosing-a-device.md). */
const FASTER = 1.1;

/** How many times as fast the steps are that both have taken, the smallest step first. */
export function stepRatios({ steps: ours = [] }: DeviceRates, { steps = [] }: DeviceRates): number[] {
  return ours.flatMap(({ width, tokens, seconds }) => {
    const other = steps.find((one) => one.width === width && one.tokens === tokens);
    return other ? [other.seconds / seconds] : [];
  });
}

/** Null where one of them was not measured so. */
export function stepsText({ devices }: Pick<Rates, 'devices'>, card: DeviceRates): string | null {
  const processor = processorOf(devices);
  const ratios = processor ? stepRatios(card, processor) : [];
  const [first, last] = [ratios[0], ratios.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  if (most < 1 / FASTER)
    return say`The processor is faster here: a training step takes ${range(1 / most, 1 / least)} times as long on the card.`;
  if (least > FASTER)
    return say`A training step is ${range(least, most)} times as fast there as on the processor.`;
  if (least >= 1 / FASTER && most <= FASTER)
    return say`A training step takes about as long there as on the processor.`;
  return first <= 1 && last > FASTER
    ? say`Small models train faster on the processor, large ones on the card: a step is ${range(least, most)} times as fast there.`
    : say`Which is faster depends on the model: a training step is ${range(least, most)} times as fast there as on the processor.`;
}

function range(least: number, most: number): string {
  const [low, high] = [least, most].map((value) => number(value, value < 10 ? 1 : 0));
  return low === high ? low! : say`${low!} to ${high!}`;
}
