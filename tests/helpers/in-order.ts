/** For tests that are steps of one story: after one has failed the rest is passed over, because it would only fail for the same reason. */
import { afterEach, beforeEach } from 'vitest';

/** Call it once at the top of such a file. */
export function stopAtFirstFailure(): void {
  let failed: string | null = null;
  beforeEach(({ skip }) => {
    if (failed !== null) skip(`because "${failed}" failed`);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
}
