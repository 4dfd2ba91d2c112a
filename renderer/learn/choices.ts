/** Options of a choice from a table of words, in its order. */
export function choicesOf<Value extends string>(
  words: Readonly<Record<Value, string>>,
): { readonly value: Value; readonly label: string }[] {
  return Object.entries<string>(words).map(([value, label]) => ({ value: value as Value, label }));
}
