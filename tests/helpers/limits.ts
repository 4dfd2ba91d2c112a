/** How long tests wait: for what happens. These limits only end what hangs, also on a computer that does fifty things at once. */

const MINUTE_MS = 60_000;

/** For one thing that is to happen. */
export const WAIT_MS = 10 * MINUTE_MS;

/** For what a page shows at once, and for a check that is repeated; also for a page that waits for work, since it last changed. */
export const SCREEN_MS = MINUTE_MS;

/** For a test, and for what comes before and after it. */
export const TEST_MS = 30 * MINUTE_MS;
