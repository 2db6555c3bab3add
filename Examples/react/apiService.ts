// SPDX-License-Identifier: MIT

// The service's JSON routes, as a frontend calls them. It needs no library and no framework. The pages and the service
// are on one origin, so cookies travel by themselves; no token ever reaches the browser.

const base = '/auth/instagram';

export type InstagramState = 'not_connected' | 'connected' | 'expiring' | 'reconnect_required';

/** Why a person has to connect again. */
export type InstagramReason =
  | 'expired' | 'revoked' | 'password_changed' | 'removed_in_instagram' | 'checkpoint' | 'permission_missing'
  | 'not_eligible' | 'key_missing';

/** Every field is always there. Ids are strings of digits, too long for a number; times are RFC 3339 in UTC. */
export interface InstagramStatus {
  status: 'success';
  state: InstagramState;
  /** True for `connected` and `expiring`. */
  connected: boolean;
  reason: InstagramReason | null;
  instagram_user_id: string | null;
  instagram_username: string | null;
  name: string | null;
  account_type: string | null;
  scopes: string[] | null;
  connected_at: string | null;
  token_expires_at: string | null;
  next_renewal_at: string | null;
  webhooks_subscribed_at: string | null;
  webhooks_error: string | null;
}

export interface InstagramAuthUrl {
  auth_url: string;
  status: 'success';
}

export interface InstagramConnected {
  status: 'success';
  message: string;
  instagram_user_id: string;
  instagram_username: string | null;
}

export interface InstagramDisconnected extends InstagramStatus {
  /** `unknown`: Instagram did not confirm that it sends no more messages. Null: nothing was connected. */
  webhooks: 'unsubscribed' | 'unknown' | null;
}

/** What the service says; `openapi.yaml` has the same list. */
export const instagramErrorCodes = [
  'invalid_request', 'invalid_state', 'missing_code', 'login_required', 'unauthorized', 'access_denied', 'forbidden',
  'account_in_use', 'account_mismatch', 'account_not_eligible', 'permission_missing', 'token_exchange_failed',
  'user_info_failed', 'interrupted', 'provider_unavailable', 'storage_unavailable', 'busy', 'not_found',
  'method_not_allowed', 'payload_too_large', 'too_many_requests', 'internal_error',
] as const;

/** The last three are ours: nobody answered, not in time, or not in words that we know. */
export type InstagramErrorCode =
  | (typeof instagramErrorCodes)[number] | 'unreachable' | 'deadline_exceeded' | 'unexpected_answer';

/** The one way in which every call here fails. */
export class InstagramError extends Error {
  readonly name = 'InstagramError';

  constructor(
    readonly code: InstagramErrorCode,
    /** What to tell whoever runs the service: it finds the request in the logs. */
    readonly requestId: string | null = null,
  ) {
    super(code);
  }

  /** Whatever was thrown, as one of these. */
  static from(thrown: unknown): InstagramError {
    return thrown instanceof InstagramError ? thrown : new InstagramError('unexpected_answer');
  }
}

/** Sends nobody anywhere: `location.assign(auth_url)` does. Begins an attempt that is good for ten minutes. */
export function getInstagramAuthUrl(
  options: {
    /** Where the visitor ends if META_REDIRECT_URI is the service's own callback: a path on this origin. */
    returnTo?: string;
    /** Instagram asks for name and password, so that another account can be chosen. */
    switchAccount?: boolean;
  } = {},
): Promise<InstagramAuthUrl> {
  const query = new URLSearchParams();
  if (options.returnTo !== undefined) query.set('return_to', options.returnTo);
  if (options.switchAccount) query.set('switch_account', '1');
  return call(`?${query}`);
}

/**
 * Finishes an attempt with what Instagram sent along. May be called again with the same two values, also at the same
 * time: the code is exchanged once, and every call hears the outcome of the first.
 */
export function handleInstagramCallback(code: string, state: string): Promise<InstagramConnected> {
  return finish({ code, state });
}

/** Ends an attempt in which Instagram sent an `error`. Always fails, mostly with `access_denied`. */
export function handleInstagramRefusal(refusal: {
  error: string;
  error_description?: string;
  state?: string;
}): Promise<InstagramConnected> {
  return finish(refusal);
}

export function getInstagramStatus(): Promise<InstagramStatus> {
  return call('/status');
}

/** Lets the account go: its token is erased. A repeat hears the same. */
export function disconnectInstagram(): Promise<InstagramDisconnected> {
  return call('/disconnect', { method: 'POST' });
}

function finish(parameters: Record<string, string>): Promise<InstagramConnected> {
  // The service asks Instagram three times and gives up by itself before this.
  return call(`/callback?${new URLSearchParams(parameters)}`, { seconds: 70 });
}

async function call<Answer>(path: string, { method = 'GET', seconds = 15 } = {}): Promise<Answer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), seconds * 1000);
  try {
    const response = await fetch(base + path, {
      method,
      // A browser's own `Accept` would get a page.
      headers: { Accept: 'application/json' },
      signal: deadline.signal,
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer as Answer;
    throw failure(answer);
  } catch (error) {
    if (error instanceof InstagramError) throw error;
    if (deadline.signal.aborted) throw new InstagramError('deadline_exceeded');
    throw new InstagramError(error instanceof SyntaxError ? 'unexpected_answer' : 'unreachable');
  } finally {
    clearTimeout(timer);
  }
}

function failure(answer: unknown): InstagramError {
  const { error, request_id } = (answer ?? {}) as { error?: unknown; request_id?: unknown };
  const code = instagramErrorCodes.find((known) => known === error);
  return new InstagramError(code ?? 'unexpected_answer', typeof request_id === 'string' ? request_id : null);
}
