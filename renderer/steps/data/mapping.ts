/** Which column is what, as the selects of the data step show it, and to and from the notation of `--map`. */
import {
  type Mapping,
  type MappingPart,
  mapParts,
  mapText,
  parseTemplate,
  sameColumn,
} from '../../../common/words/mapping.ts';

export const ROLES = ['none', 'prompt', 'answer', 'system', 'text', 'messages'] as const;
export type Role = (typeof ROLES)[number];

/** The role of each column. */
export type Roles = Readonly<Record<string, Role>>;

/** Why roles do not make rows yet. */
type MapProblem = 'nothing' | 'no-answer' | 'no-prompt' | 'mixed' | 'several-messages';

/** Order in which the parts are written. */
const WRITTEN: readonly MappingPart[] = ['system', 'prompt', 'answer', 'text', 'messages'];

/** The roles that `map` gives to `columns`; columns that it does not name have none. */
export function rolesOf(map: string | null | undefined, columns: readonly string[]): Roles {
  const roles: Record<string, Role> = Object.fromEntries(columns.map((column) => [column, 'none' as const]));
  if (!map) return roles;
  for (const { part, columns: named } of mapParts(map)) {
    if (part === undefined) continue;
    for (const name of named) roles[realName(name, columns)] = part;
  }
  return roles;
}

/** Rows that are read by their own fields, each shape with what its fields are; the first that fits counts, as in the engine. */
const SHAPES: readonly Roles[] = [
  { messages: 'messages' },
  { conversations: 'messages' },
  { prompt: 'prompt', completion: 'answer' },
  { instruction: 'prompt', output: 'answer' },
  { text: 'text' },
];
/** Fields that some shapes may have as well. */
const EXTRAS: Roles = { input: 'prompt', system: 'system' };

/** The roles that the columns have by themselves, where their names are those of a shape. */
export function shapeRoles(columns: readonly string[]): Roles {
  const none = rolesOf(undefined, columns);
  const shape = SHAPES.find((fields) => Object.keys(fields).every((field) => columns.includes(field)));
  if (shape === undefined) return none;
  const isPair = Object.values(shape).includes('answer');
  const extras = isPair ? Object.entries(EXTRAS).filter(([field]) => columns.includes(field)) : [];
  return { ...none, ...shape, ...Object.fromEntries(extras) };
}

/** `roles` with another role for one column; roles that cannot stand beside it are taken back. */
export function withRole(roles: Roles, column: string, role: Role): Roles {
  const allowed = (other: Role) => other === 'none' || role === 'none' || familyOf(other) === familyOf(role);
  const isSingle = role === 'messages';
  return Object.fromEntries(
    Object.entries(roles).map(([name, other]): [string, Role] => {
      if (name === column) return [name, role];
      return [name, allowed(other) && !(isSingle && other === 'messages') ? other : 'none'];
    }),
  );
}

/** What keeps `roles` from making rows; with a prompt template no prompt column is needed. */
export function mapProblem(roles: Roles, hasTemplate = false): MapProblem | null {
  const of = (role: Role) => columnsOf(roles, role).length;
  const pair = of('prompt') + of('answer') + of('system') > 0 || hasTemplate;
  if ([pair, of('text') > 0, of('messages') > 0].filter(Boolean).length > 1) return 'mixed';
  if (of('messages') > 1) return 'several-messages';
  if (of('text') > 0 || of('messages') > 0) return null;
  if (!pair) return 'nothing';
  if (of('answer') === 0) return 'no-answer';
  return of('prompt') === 0 && !hasTemplate ? 'no-prompt' : null;
}

/** `roles` in the notation of `--map`; undefined where they do not name anything. */
export function mapOf(roles: Roles): string | undefined {
  const parts = WRITTEN.map((part) => [part, columnsOf(roles, part)] as const);
  const mapping: Mapping = Object.fromEntries(parts.filter(([, columns]) => columns.length > 0));
  return mapText(mapping) || undefined;
}

export function columnsOf(roles: Roles, role: Role): string[] {
  return Object.keys(roles).filter((column) => roles[column] === role);
}

/** A template that joins the prompt columns, to begin writing with. */
export function firstTemplate(roles: Roles): string {
  return columnsOf(roles, 'prompt')
    .map((column) => `${column}: {${column}}`)
    .join('\n');
}

/** Names in braces of a template that are no columns; doubled braces stand for themselves. */
export function unknownFields(template: string, columns: readonly string[]): string[] {
  return parseTemplate(template).columns.filter(
    (name) => !columns.some((column) => sameColumn(column, name)),
  );
}

function familyOf(role: Role): Role {
  return role === 'answer' || role === 'system' ? 'prompt' : role;
}

function realName(name: string, columns: readonly string[]): string {
  return (
    columns.find((column) => column === name) ?? columns.find((column) => sameColumn(column, name)) ?? name
  );
}
