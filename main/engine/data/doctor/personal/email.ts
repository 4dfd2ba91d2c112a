/** E-mail addresses of people. Addresses of departments and the ones that examples use say nothing about anybody. */
import type { Finder, Span } from './spans.ts';

const ADDRESS = /(?<![\w.+%/@-])[\w.+%'-]{1,64}@(?:[\p{L}\d-]{1,63}\.)+\p{L}{2,24}(?![\w@])/gu;
const DEPARTMENT =
  /^(?:info|support|help|helpdesk|service|services|customer\.?service|care|sales|contact|kontakt|hello|office|admin|administrator|webmaster|postmaster|hostmaster|abuse|security|press|presse|media|jobs|careers|billing|accounts|orders|returns|privacy|legal|team|mail|news|newsletter|noreply|no-reply|donotreply|do-not-reply|root|git|user|username|name|you|me|someone|email|your\.?name|first\.last)$/i;
/** Reserved for examples and tests (RFC 2606 and RFC 6761). */
const EXAMPLE_HOST =
  /(?:^|\.)(?:example\.(?:com|net|org|edu)|(?:.*\.)?(?:example|test|invalid|localhost|local)|domain\.(?:com|tld)|company\.com|email\.com|yourdomain\.\w+)$/i;
/** `icon@2x.png`, `git@github.com:me/it.git` */
const NOT_A_HOST = /^\d+x\.|\.(?:png|jpe?g|gif|svg|webp|ico|js|mjs|ts|css|html?|json|ya?ml|xml|gz|exe|dll)$/i;

/** Addresses of people in `text`. */
export const findEmails: Finder = (text) => {
  if (!text.includes('@')) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(ADDRESS)) {
    const [local = '', host = ''] = match[0].split('@');
    if (DEPARTMENT.test(local) || EXAMPLE_HOST.test(host) || NOT_A_HOST.test(host)) continue;
    if (/^[.'-]|\.$|\.\./.test(local)) continue;
    spans.push({ start: match.index, end: match.index + match[0].length, placeholder: '[EMAIL]' });
  }
  return spans;
};
