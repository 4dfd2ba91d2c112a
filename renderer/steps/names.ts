/** How files are called in a line. */

/** The last part of a path, in either system's spelling. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast(Boolean) ?? path;
}

/** Files as they are called in a line: the first one's name, and how many there are. */
export function dataName(paths: readonly string[]): string {
  const first = fileName(paths[0] ?? '');
  return paths.length > 1 ? `${first} +${paths.length - 1}` : first;
}
