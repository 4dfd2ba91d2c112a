/** Graphics cards by their names: the system, drivers and libraries write the same one in several ways. */

/** The same name in small letters: "Intel(R) Iris(R) Xe Graphics" -> "intel-iris-xe-graphics". */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/\((r|tm)\)|-(r|tm)(?=-)/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** Whether one name holds the other. */
export function isSameCard(one: string, other: string): boolean {
  const [a, b] = [plainName(one), plainName(other)];
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
}

/** The driver of the card called `name`, with its version; null where that is not known. */
export function driverOf(
  name: string,
  graphics: readonly { readonly name: string; readonly driver: string | null }[],
): string | null {
  return graphics.find((card) => isSameCard(card.name, name))?.driver ?? null;
}
