/** Numbers from 0 to 100 in words. */
import { words } from './text.ts';

const SMALL = words(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
);
const TENS = words('- - twenty thirty forty fifty sixty seventy eighty ninety');

/** The number (0 to 100) in words, "forty-two". */
export function inWords(n: number): string {
  if (n < 20) return SMALL[n] as string;
  if (n === 100) return 'a hundred';
  const rest = n % 10;
  return TENS[Math.floor(n / 10)] + (rest === 0 ? '' : `-${SMALL[rest]}`);
}
