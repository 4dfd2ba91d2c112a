/** What the application says of settings in words that stand in their table: each is translated where it is shown. */
import { settingAbout, settingDefault, settingInfos, settingName } from '../../common/settings/form.ts';
import { METHOD_NAMES } from '../../common/settings/method.ts';
import { ROWS } from '../../common/settings/table.ts';
import { computerProblems } from '../../common/words/computer-problems.ts';

/** Numbers and rates read the same in every language. */
const isText = (text: string) => /[a-z]{2}/.test(text);

/** Names, meanings, defaults, values, groups, and what a lighter setting is in a few words. */
export function settingTexts(): readonly string[] {
  const infos = settingInfos();
  const rows = ROWS.flatMap(({ words, plan }) => {
    const { control } = plan ?? {};
    const options = control && 'options' in control ? control : { options: [], hint: undefined };
    return [
      ...Object.values(words?.values ?? {}),
      ...(plan?.lighter ?? []).flatMap(({ degrees }) => degrees.map(({ short }) => short)),
      ...options.options.map(({ label }) => label),
      ...(options.hint === undefined ? [] : [options.hint]),
    ];
  });
  return [
    ...ROWS.map(({ name }) => settingName(name)),
    ...infos.flatMap((info) => [settingAbout(info), settingDefault(info), info.group]),
    ...rows,
    ...Object.values(METHOD_NAMES),
    'full fine-tuning',
    ...Object.values(computerProblems).flatMap(({ title, fix }) => [title, fix]),
  ].filter(isText);
}
