// SPDX-License-Identifier: MIT

/** What Instagram sent along with the visitor. */
export type CallbackAnswer =
  | { code: string; state: string }
  | { error: string; error_description?: string; state?: string };

/**
 * Takes Instagram's answer out of the address. To be called before anything else: whoever can read the address, be it a
 * script that loads later, a `Referer`, the history or a screenshot, could read the code.
 *
 * The entry of the history keeps it, where only this page can read it, so that a reload asks for the outcome again
 * instead of losing it.
 *
 * @returns null where somebody opened the page by hand.
 */
export function takeCallbackAnswer(): CallbackAnswer | null {
  const given = new URLSearchParams(location.search);
  const answer = given.has('code') || given.has('error') ? read(given) : (history.state as CallbackAnswer | null);
  // The fragment goes as well: Instagram adds `#_`.
  history.replaceState(answer, '', location.pathname);
  return answer;
}

function read(given: URLSearchParams): CallbackAnswer {
  const error = given.get('error');
  // Without a state the service says that the attempt is not known, which is what there is to say.
  if (error === null) return { code: given.get('code') ?? '', state: given.get('state') ?? '' };
  const answer: CallbackAnswer = { error };
  for (const name of ['error_description', 'state'] as const) {
    const value = given.get(name);
    if (value !== null) answer[name] = value;
  }
  return answer;
}
