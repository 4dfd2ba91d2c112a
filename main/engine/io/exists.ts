import { access } from 'node:fs/promises';

/** Whether something lies at `file` and can be seen. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
