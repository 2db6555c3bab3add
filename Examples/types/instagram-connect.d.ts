// SPDX-License-Identifier: MIT
// Types of <instagram-connect>, which /auth/instagram/connect.js defines. With React, JSX knows it too.

export type InstagramState = "not_connected" | "connected" | "expiring" | "reconnect_required";

export type InstagramReason =
  | "expired" | "revoked" | "password_changed" | "removed_in_instagram" | "checkpoint" | "permission_missing"
  | "not_eligible" | "key_missing";

/** Times are RFC 3339 in UTC, ids are strings of digits. */
export interface InstagramStatus {
  status: "success";
  state: InstagramState;
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
  /** Only after a disconnect on this page: what Instagram said about sending no more messages. */
  webhooks?: "unsubscribed" | "unknown" | null;
}

export type InstagramErrorCode =
  | "invalid_request" | "invalid_state" | "missing_code" | "login_required" | "access_denied" | "forbidden"
  | "account_in_use" | "account_mismatch" | "account_not_eligible"
  | "permission_missing" | "token_exchange_failed" | "user_info_failed" | "interrupted" | "provider_unavailable"
  | "storage_unavailable" | "busy" | "not_found" | "method_not_allowed" | "payload_too_large" | "too_many_requests"
  | "internal_error";

/** `unknown`: no answer, or a code that this version does not know. */
export interface InstagramError {
  code: InstagramErrorCode | "unknown";
  requestId: string | null;
}

export interface InstagramConnectElement extends HTMLElement {
  /** The last that is known; null before the first answer. */
  readonly status: InstagramStatus | null;
  /** Reads the status again. */
  refresh(): Promise<InstagramStatus | null>;
}

export interface InstagramConnectAttributes {
  /**
   * Where the visitor ends, without a fragment: an absolute path of this page's origin, or a URL on an origin that the
   * service allows; without it, this page.
   */
  "return-to"?: string;
  /** Arabic for `ar` and its regions, else English; without it, the language of the page. */
  lang?: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "instagram-connect": InstagramConnectElement;
  }
  interface HTMLElementEventMap {
    "instagram-connected": CustomEvent<InstagramStatus>;
    "instagram-disconnected": CustomEvent<InstagramStatus>;
    "instagram-error": CustomEvent<InstagramError>;
  }
  interface DocumentEventMap {
    "instagram-connected": CustomEvent<InstagramStatus>;
    "instagram-disconnected": CustomEvent<InstagramStatus>;
    "instagram-error": CustomEvent<InstagramError>;
  }
  // React 19 looks into its own namespace only. There, add to a module of yours:
  // declare module "react" { namespace JSX { interface IntrinsicElements {
  //   "instagram-connect": InstagramConnectAttributes & { [attribute: string]: unknown } } } }
  namespace JSX {
    interface IntrinsicElements {
      "instagram-connect": InstagramConnectAttributes & { [attribute: string]: unknown };
    }
  }
}
