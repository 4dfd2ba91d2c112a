import type { BlindChoice } from '../../../common/api/contract.ts';

/** Which judgement a key stands for; none while the person types somewhere or asks the browser for something. */
const KEYS: Readonly<Record<string, BlindChoice>> = {
  '1': 'first',
  '2': 'second',
  '=': 'equal',
  '0': 'bad',
};

export function choiceOf(event: KeyboardEvent): BlindChoice | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const typing =
    event.target instanceof Element &&
    event.target.closest('input, textarea, select, [contenteditable], [role="dialog"]');
  return typing ? null : (KEYS[event.key] ?? null);
}
