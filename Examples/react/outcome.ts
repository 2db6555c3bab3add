// SPDX-License-Identifier: MIT

import { InstagramErrorCode, instagramErrorCodes } from './apiService';

/** How an attempt to connect ended. */
export type Outcome = 'connected' | { code: InstagramErrorCode; requestId: string | null };

/**
 * Takes the outcome out of the address, so that a reload does not tell it again. `#instagram=connected` comes from the
 * login page, and, like `?instagram_error=CODE&request_id=ID`, from the service where META_REDIRECT_URI is its own
 * callback.
 */
export function takeOutcome(): Outcome | null {
  const given = new URLSearchParams(location.search);
  const error = given.get('instagram_error');
  // Anybody can make such an address: only words of the list are shown.
  const code = instagramErrorCodes.find((known) => known === error);
  const requestId = given.get('request_id');
  const isConnected = location.hash === '#instagram=connected';
  history.replaceState(null, '', location.pathname);
  if (code !== undefined) return { code, requestId: /^[0-9a-f]{32}$/.test(requestId ?? '') ? requestId : null };
  return isConnected ? 'connected' : null;
}
