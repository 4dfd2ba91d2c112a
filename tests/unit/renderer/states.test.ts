/** State classes with rules of their own: which job is in front, how messages come and go, what can be undone. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, JobState } from '../../../common/api/contract.ts';
import { Connection } from '../../../renderer/connection.svelte.ts';
import { usableLanguage } from '../../../renderer/locale.ts';
import { foremost, isActive, isEnded } from '../../../renderer/state/jobs.svelte.ts';
import { Picker, Toasts } from '../../../renderer/state/layers.svelte.ts';

const job = (id: string, state: JobState): Job => ({
  ...{ id, state, kind: 'train', runId: id, name: id, startAt: null, doing: '' },
  ...{ fraction: null, step: null, steps: null, secondsLeft: null, problem: null },
});

describe('the job in front', () => {
  it('is what goes on, then what is paused, then what waits', () => {
    const all = [job('a', 'done'), job('b', 'waiting'), job('c', 'paused'), job('d', 'running')];
    expect(foremost(all)?.id).toBe('d');
    expect(foremost(all.slice(0, 3))?.id).toBe('c');
    expect(foremost(all.slice(0, 2))?.id).toBe('b');
    expect(foremost(all.slice(0, 1))).toBeNull();
  });

  it('tells what has an engine from what has ended', () => {
    expect(
      (['starting', 'running', 'pausing', 'stopping'] as const).every((state) => isActive(job('a', state))),
    ).toBe(true);
    expect((['done', 'failed'] as const).every((state) => isEnded(job('a', state)))).toBe(true);
    expect(isActive(job('a', 'paused')) || isEnded(job('a', 'paused'))).toBe(false);
  });
});

describe('messages', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('go by themselves, those with a way back later', () => {
    const toasts = new Toasts();
    toasts.say('Saved');
    toasts.say('Deleted', { undo: () => {} });
    vi.advanceTimersByTime(6000);
    expect(toasts.list.map((toast) => toast.text)).toEqual(['Deleted']);
    vi.advanceTimersByTime(5000);
    expect(toasts.list).toEqual([]);
  });

  it('are said once where they are the same, and are never more than four', () => {
    const toasts = new Toasts();
    toasts.say('Saved');
    toasts.say('Saved');
    expect(toasts.list).toHaveLength(1);
    for (const text of ['a', 'b', 'c', 'd']) toasts.say(text);
    expect(toasts.list.map((toast) => toast.text)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('take back what was done, and say where that failed', async () => {
    const toasts = new Toasts();
    const undo = vi.fn(() => Promise.reject(new Error('too late')));
    toasts.say('Deleted', { undo });
    const [toast] = toasts.list;
    if (toast) await toasts.undo(toast);
    expect(undo).toHaveBeenCalledOnce();
    expect(toasts.list.map((each) => [each.tone, each.text])).toEqual([['bad', 'too late']]);
  });

  it('are silent about what the page itself gave up', () => {
    const toasts = new Toasts();
    toasts.problem(new DOMException('given up', 'AbortError'));
    expect(toasts.list).toEqual([]);
  });
});

describe('picking and the connection', () => {
  it('a typed path of a file answers where a file or a model was asked for', async () => {
    const picker = new Picker();
    for (const what of ['gguf', 'model-folder', 'data'] as const) {
      const asked = picker.ask(what);
      expect(picker.take('/models/tiny.gguf')).toBe(true);
      expect(await asked).toEqual(['/models/tiny.gguf']);
    }
    for (const what of ['folder', 'save'] as const) {
      void picker.ask(what);
      expect(picker.take('/models/tiny.gguf')).toBe(false);
      expect(picker.request?.what).toBe(what);
    }
  });

  it('answers with what was picked, and with nothing when another dialog takes its place', async () => {
    const picker = new Picker();
    const first = picker.ask('data');
    const second = picker.ask('folder', '/home');
    expect(await first).toEqual([]);
    expect(picker.request?.suggest).toBe('/home');
    picker.answer(['/home/mo']);
    expect(await second).toEqual(['/home/mo']);
    expect(picker.request).toBeNull();
  });

  it('counts how often it was opened', () => {
    const connection = new Connection();
    connection.opened();
    connection.closed();
    expect(connection.state).toBe('lost');
    connection.opened();
    expect([connection.state, connection.times]).toEqual(['open', 2]);
  });

  it('replaces a language that formats refuse', () => {
    expect(usableLanguage('de-CH')).toBe('de-CH');
    expect(usableLanguage('en-US@posix')).toBe('en-GB');
  });
});
