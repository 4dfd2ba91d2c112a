/**
 * The app:// scheme: the built pages in an origin of their own. file:// would give a page rights over the disk, and a local server
 * would let other programs in.
 */
import { protocol } from 'electron';
import { SCHEME } from './addresses.ts';
import { pageFor } from './pages.ts';

/** Tells Electron what kind of scheme it is; it takes that only before it is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Serves the pages in `folder`. */
export function serveScheme(folder: string): void {
  protocol.handle(SCHEME, (request) => pageFor(folder, request));
}
