/**
 * Says of each language what is missing, stale, wrong or longer than its place in words/: in counts, and line by line of languages that
 * are named:
 *
 *   npm run words [-- LANGUAGE...]
 *
 * Ends with 1 where something would be shown wrongly; a missing sentence is shown in English.
 */
import { LANGUAGE_CODES, type Language } from '../../common/words/language.ts';
import { reportOn } from './check.ts';

const asked = process.argv.slice(2);
const languages = LANGUAGE_CODES.filter(
  (code) => code !== 'en' && (asked.length === 0 || asked.includes(code)),
);

/** Kinds that no language may have; what is missing is English, what is stale is not shown. */
const FORBIDDEN: ReadonlySet<string> = new Set(['wrong', 'twice', 'unread']);

function tell(language: Language): boolean {
  const report = reportOn(language);
  const counts = Object.entries(report).map(
    ([kind, lines]: [string, readonly string[]]) => `${lines.length} ${kind}`,
  );
  console.log(`${language}: ${counts.join(', ')}`);
  const isAsked = asked.length > 0;
  for (const [kind, lines] of Object.entries(report).filter(([kind]) => isAsked || FORBIDDEN.has(kind)))
    for (const line of lines) console.log(`  ${kind}: ${line}`);
  return report.wrong.length + report.twice.length + report.unread.length === 0;
}

if (!languages.map(tell).every(Boolean)) process.exitCode = 1;
