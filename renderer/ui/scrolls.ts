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
