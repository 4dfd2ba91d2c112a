/**
 * Keeps the focus where the person is: what was pressed may be gone then, as a card is that was chosen, and Tab would begin again at the
 * top of the window. The focus goes to the heading of what is left around it, so that Tab goes on there.
 */
export function keepFocus(main: HTMLElement): () => void {
  let around: readonly Element[] = [];
  const noteFocus = ({ target }: FocusEvent) => {
    around = target instanceof Element ? ancestorsOf(target, main) : [];
  };
  const watch = new MutationObserver(() => {
    const [focused] = around;
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    const left = around.find((element) => element.isConnected) ?? main;
    const heading = left.querySelector<HTMLElement>('h1, h2, h3') ?? main;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
  main.addEventListener('focusin', noteFocus);
  watch.observe(main, { childList: true, subtree: true });
  return () => {
    main.removeEventListener('focusin', noteFocus);
    watch.disconnect();
  };
}

/** The element, then those around it up to `last`, which is left out. */
function ancestorsOf(element: Element, last: Element): Element[] {
  const found: Element[] = [];
  for (let at: Element | null = element; at && at !== last; at = at.parentElement) found.push(at);
  return found;
}

/** Whether a key is for the page: nobody types, and the browser is asked for nothing. */
export function isForPage({ ctrlKey, metaKey, altKey, defaultPrevented, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented) return false;
  const typed = 'input, textarea, select, [contenteditable], [role="dialog"]';
  return !(target instanceof Element && target.closest(typed));
}

/** A region that scrolls has to be reached by keyboard; one whose content fits would only be one more stop of the Tab key. */
export function stopWhereItScrolls(region: HTMLElement): () => void {
  const watch = new ResizeObserver(() => {
    const scrolls = region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight;
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute('tabindex');
  });
  for (const element of [region, ...region.children]) watch.observe(element);
  return () => watch.disconnect();
}
