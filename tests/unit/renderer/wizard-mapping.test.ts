import { describe, expect, it } from 'vitest';
import { parseMap } from '../../../common/words/mapping.ts';
import {
  firstTemplate,
  mapOf,
  mapProblem,
  type Roles,
  rolesOf,
  shapeRoles,
  unknownFields,
  withRole,
} from '../../../renderer/steps/data/mapping.ts';

const columns = ['id', 'subject', 'body', 'label'];
const none: Roles = { id: 'none', subject: 'none', body: 'none', label: 'none' };

describe('roles of columns', () => {
  it('are read from the notation of the command line, in its spellings', () => {
    expect(rolesOf('question=subject+body,label=label', columns)).toEqual({
      ...none,
      subject: 'prompt',
      body: 'prompt',
      label: 'answer',
    });
    expect(rolesOf('text=BODY', columns)).toEqual({ ...none, body: 'text' });
    expect(rolesOf(undefined, columns)).toEqual(none);
    expect(rolesOf(null, columns)).toEqual(none);
  });

  it('are written so that the engine reads the same', () => {
    const roles: Roles = { ...none, subject: 'prompt', body: 'prompt', label: 'answer', id: 'system' };
    const map = mapOf(roles)!;
    expect(parseMap(map)).toEqual({ system: ['id'], prompt: ['subject', 'body'], answer: ['label'] });
    expect(rolesOf(map, columns)).toEqual(roles);
  });

  it('names with signs of the notation are quoted, and come back', () => {
    const odd = ['a,b', 'c=d', 'e+f', ' g '];
    const roles: Roles = { 'a,b': 'prompt', 'c=d': 'answer', 'e+f': 'prompt', ' g ': 'none' };
    expect(parseMap(mapOf(roles)!)).toEqual({ prompt: ['a,b', 'e+f'], answer: ['c=d'] });
    expect(rolesOf(mapOf(roles), odd)).toEqual(roles);
  });

  it('are those of the shape where rows are read by their own fields', () => {
    expect(shapeRoles(['prompt', 'completion', 'id'])).toEqual({
      prompt: 'prompt',
      completion: 'answer',
      id: 'none',
    });
    expect(shapeRoles(['instruction', 'input', 'output', 'system'])).toEqual({
      instruction: 'prompt',
      input: 'prompt',
      output: 'answer',
      system: 'system',
    });
    expect(shapeRoles(['messages', 'text', 'input'])).toEqual({
      messages: 'messages',
      text: 'none',
      input: 'none',
    });
    expect(shapeRoles(columns)).toEqual(none);
  });

  it('no role, no map', () => {
    expect(mapOf(none)).toBeUndefined();
  });
});

describe('changing a role', () => {
  it('takes back what cannot stand beside it', () => {
    const pair: Roles = { ...none, subject: 'prompt', label: 'answer' };
    expect(withRole(pair, 'body', 'text')).toEqual({ ...none, body: 'text' });
    expect(withRole({ ...none, body: 'text' }, 'label', 'answer')).toEqual({ ...none, label: 'answer' });
    expect(withRole({ ...none, body: 'messages' }, 'subject', 'messages')).toEqual({
      ...none,
      subject: 'messages',
    });
  });

  it('keeps the others of the same kind', () => {
    const pair: Roles = { ...none, subject: 'prompt', label: 'answer' };
    expect(withRole(pair, 'body', 'prompt')).toEqual({ ...pair, body: 'prompt' });
    expect(withRole(pair, 'id', 'system')).toEqual({ ...pair, id: 'system' });
    expect(withRole(pair, 'subject', 'none')).toEqual({ ...none, label: 'answer' });
    expect(withRole({ ...none, body: 'text' }, 'subject', 'text')).toEqual({
      ...none,
      body: 'text',
      subject: 'text',
    });
  });
});

describe('what keeps roles from making rows', () => {
  it.each<[Partial<Record<string, Roles[string]>>, string | null]>([
    [{}, 'nothing'],
    [{ subject: 'prompt' }, 'no-answer'],
    [{ label: 'answer' }, 'no-prompt'],
    [{ subject: 'prompt', label: 'answer' }, null],
    [{ body: 'text' }, null],
    [{ body: 'messages' }, null],
    [{ body: 'messages', id: 'messages' }, 'several-messages'],
    [{ body: 'text', label: 'answer' }, 'mixed'],
  ])('%o: %s', (change, problem) => {
    expect(mapProblem({ ...none, ...change } as Roles)).toBe(problem);
  });

  it('a template stands for the prompt columns', () => {
    expect(mapProblem({ ...none, label: 'answer' }, true)).toBeNull();
    expect(mapProblem(none, true)).toBe('no-answer');
  });
});

describe('prompt templates', () => {
  it('begin with the columns of the prompt', () => {
    expect(firstTemplate({ ...none, subject: 'prompt', body: 'prompt' })).toBe(
      'subject: {subject}\nbody: {body}',
    );
  });

  it('name what is no column; doubled braces are text', () => {
    expect(unknownFields('{Subject} {boddy} {{x}} {boddy}', columns)).toEqual(['boddy']);
    expect(unknownFields('{subject} {body}', columns)).toEqual([]);
  });
});
