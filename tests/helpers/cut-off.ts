/** What a window cuts off of a page, in whatever language its words are. */

/** Run in the page: what reaches beyond the window to the side, where nobody can scroll to it. */
export const CUT_OFF = `(() => {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? ['the page scrolls sideways'] : [];
  if (root.scrollHeight > root.clientHeight + 1) found.push('the whole page scrolls, and not its content');
  const main = document.querySelector('main');
  if (main && main.scrollWidth > main.clientWidth + 1) found.push('the content scrolls sideways');
  const scrolls = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at !== main) return true;
    return false;
  };
  for (const element of document.querySelectorAll('h1, h2, h3, p, a, button, input, select, textarea, label, td, dd')) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest('.visually-hidden, .skip')) continue;
    if ((box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(element))
      found.push(element.tagName.toLowerCase() + ': ' + element.textContent.trim().slice(0, 60));
  }
  return found;
})()`;
