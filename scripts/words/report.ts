/**
 * Says of each language what is missing, stale, wrong or longer than its place in words/: in counts, and line by line of languages that
 * are named. With a commit, such as the last release, also texts of pages whose English has changed since, and they have not:
 *
 *   npm run words [-- LANGUAGE... --since COMMIT]
 *
 * Ends with 1 where something would be shown wrongly; a missing sentence is shown in English.
 */
import { parseArgs } from 'node:util';
import { LANGUAGE_CODES, type Language } from '../../common/words/language.ts';
import { olderThanEnglish, reportOn } from './check.ts';

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { since: { type: 'string' } },
});
const languages = LANGUAGE_CODES.filter(
  (code) => code !== 'en' && (asked.length === 0 || asked.includes(code)),
);

/** Kinds that no language may have; what is missing is English, what is stale is not shown. */
const FORBIDDEN: ReadonlySet<string> = new Set(['wrong', 'twice', 'unread']);

function tell(language: Language): boolean {
  const report = reportOn(language);
  const older = values.since === undefined ? {} : { older: olderThanEnglish(language, values.since) };
  const counts = Object.entries({ ...report, ...older });
  console.log(`${language}: ${counts.map(([kind, lines]) => `${lines.length} ${kind}`).join(', ')}`);
  const isAsked = asked.length > 0;
  for (const [kind, lines] of counts.filter(([kind]) => isAsked || FORBIDDEN.has(kind)))
    for (const line of lines) console.log(`  ${kind}: ${line}`);
  return report.wrong.length + report.twice.length + report.unread.length === 0;
}

if (!languages.map(tell).every(Boolean)) process.exitCode = 1;
