/**
 * Runs in the page before its own scripts, and is called from tests/bench/page.ts: acts, and measures from there to the frame
 * after the one in which the result is there.
 */
const bench = {
  /** Milliseconds of tasks that took more than 50. */
  tasks: [],

  timed(act, isShown) {
    return new Promise((resolve) => {
      const from = performance.now();
      const painted = () => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - from);
        port2.postMessage(null);
      };
      const look = () => {
        if (!isShown()) return;
        observer.disconnect();
        requestAnimationFrame(painted);
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      act();
      look();
    });
  },

  rows: () =>
    [...document.querySelectorAll('[role="row"][data-key]')].map((row) =>
      [...row.children].map((cell) => cell.textContent).join(' '),
    ),

  go(hash) {
    location.hash = hash;
  },

  openHistory() {
    return bench.timed(
      () => document.querySelector('a[href="#/history"]').click(),
      () => bench.rows().length > 5,
    );
  },

  /** Puts words into the search, until the rows are theirs. */
  search(words) {
    const input = document.querySelector('input[type="search"]');
    const found = () => document.querySelector('[role="search"] [aria-live]')?.textContent;
    const before = found();
    const starts = words.split(' ').map((word) => new RegExp(`(^|[^a-z])${word}`, 'i'));
    // a letter may also begin a setting, which rows do not show
    const isShown = () =>
      words.length < 3
        ? found() !== before
        : bench.rows().every((row) => starts.every((start) => start.test(row)));
    return bench.timed(
      () => {
        input.value = words;
        input.dispatchEvent(new Event('input', { bubbles: true }));
      },
      () => bench.rows().length > 5 && isShown(),
    );
  },

  compare(ids) {
    return bench.timed(
      () => bench.go(`#/compare/${encodeURIComponent(ids.join(','))}`),
      () => document.querySelectorAll('main figure canvas').length >= 2,
    );
  },
};

globalThis.bench = bench;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) bench.tasks.push(duration);
}).observe({ type: 'longtask', buffered: true });
