/** Which judgement a key stands for; none while the person types somewhere or asks the browser for something. */
const KEYS: Readonly<Record<string, 'first' | 'second' | 'equal'>> = {
  '1': 'first',
  '2': 'second',
  '=': 'equal',
};

export function choiceOf(event: KeyboardEvent): 'first' | 'second' | 'equal' | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const typing =
    event.target instanceof Element &&
    event.target.closest('input, textarea, select, [contenteditable], [role="dialog"]');
  return typing ? null : (KEYS[event.key] ?? null);
}
