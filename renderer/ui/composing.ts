/** Typing through an input method, as for Japanese or Chinese: what is still being composed is not yet what the person means. */

type Typing = Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement };

/** For `oninput` and `oncompositionend` of a field: `take` gets its text whenever nothing in it is being composed. */
export function composed(take: (text: string) => void): (event: Typing) => void {
  return (event) => {
    if (!(event instanceof InputEvent && event.isComposing)) take(event.currentTarget.value);
  };
}
