/**
 * Where the person is: the part of the address after `#`, as segments. A hash, because the same files are
 * served from a custom protocol and from a web host; the browser's back and forward work by themselves.
 */
type Segment = string | number;

/** Segments of a hash: `#/run/ab%20c` gives `['run', 'ab c']`. */
export function parsePath(hash: string): string[] {
  return hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decoded);
}

/** The hash of segments, each encoded. */
export function hrefOf(segments: readonly Segment[]): string {
  return `#/${segments.map((segment) => encodeURIComponent(segment)).join('/')}`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

class Router {
  path = $state<readonly string[]>([]);
  /** How often the address has changed; 0 on the page that was opened first. */
  moves = $state(0);

  constructor() {
    if (typeof window === 'undefined') return;
    this.path = parsePath(window.location.hash);
    window.addEventListener('hashchange', () => {
      this.path = parsePath(window.location.hash);
      this.moves += 1;
    });
  }

  go(...segments: readonly Segment[]): void {
    window.location.hash = hrefOf(segments);
  }

  /** The same without a step in the browser's history. */
  replace(...segments: readonly Segment[]): void {
    window.history.replaceState(null, '', hrefOf(segments));
    this.path = parsePath(window.location.hash);
  }

  href(...segments: readonly Segment[]): string {
    return hrefOf(segments);
  }
}

export const router = new Router();
