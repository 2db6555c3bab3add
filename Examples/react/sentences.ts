// SPDX-License-Identifier: MIT

import type { InstagramErrorCode, InstagramReason } from './apiService';

/** What a person reads. The type leaves no code out; translations go here. */
export const errorSentences: Record<InstagramErrorCode, string> = {
  access_denied: 'Instagram was not connected, because you did not allow it.',
  account_in_use: 'This Instagram account is connected to somebody else here. Disconnect it there first.',
  account_mismatch:
    'This is not the account that is connected. Nothing was changed. To use it instead, choose Switch account.',
  account_not_eligible:
    'This account cannot be connected. It has to be a Business or Creator account. While the app is in development, '
    + 'it also has to be a tester who has accepted.',
  busy: 'Too many people are connecting at the moment. Try again shortly.',
  deadline_exceeded: 'The answer took too long.',
  forbidden: 'This page may not do that. Open it from its own address.',
  internal_error: 'Something went wrong on our side.',
  interrupted: 'The connection was interrupted. Connect again.',
  invalid_request: 'Instagram sent something that cannot be used. Connect again.',
  invalid_state: 'This attempt is too old, or it was begun in another browser. Connect again.',
  login_required: 'Sign in first.',
  method_not_allowed: 'This page does not fit the service. Tell whoever runs it.',
  missing_code: 'Instagram sent no answer along. Connect again.',
  not_found: 'This page does not fit the service. Tell whoever runs it.',
  payload_too_large: 'This page does not fit the service. Tell whoever runs it.',
  permission_missing: 'A permission was left out that is needed. Connect again, and leave all of them switched on.',
  provider_unavailable: 'Instagram cannot be reached at the moment. Try again in a few minutes.',
  storage_unavailable: 'The connection could not be saved. Try again in a few minutes.',
  token_exchange_failed: 'Instagram turned this attempt down. Connect again.',
  too_many_requests: 'That was a little fast. Wait a moment.',
  unauthorized: 'Sign in first.',
  unexpected_answer: 'The service gave an answer that this page does not understand.',
  unreachable: 'The service cannot be reached. Look whether you are online.',
  user_info_failed: 'Instagram did not say which account this is. Connect again.',
};

export const reasonSentences: Record<InstagramReason, string> = {
  checkpoint: 'Instagram wants to be sure that it is you. Open Instagram, do what it asks, then reconnect.',
  expired: 'The access has run out.',
  key_missing: 'The key that opens the access is gone.',
  not_eligible: 'The account is not a Business or Creator account any more.',
  password_changed: 'The password of the account was changed.',
  permission_missing: 'A permission that is needed was taken back.',
  removed_in_instagram: 'The app was removed inside Instagram.',
  revoked: 'Instagram took the access back.',
};

/** Whether it is one of them: the words of `webhooks_error` are these reasons and a few of its own. */
export function isReason(error: string | null): error is InstagramReason {
  return error !== null && Object.keys(reasonSentences).includes(error);
}

/** What is the matter with new messages, and what helps. */
export function messagesSentence(error: string): string {
  if (isReason(error)) return `New messages may not arrive until you reconnect this account. ${reasonSentences[error]}`;
  if (error === 'misconfigured' || error === 'unreadable') {
    return 'New messages may not arrive. Something has to be mended here: tell whoever runs this site.';
  }
  return 'New messages do not arrive yet. This is tried again by itself.';
}
