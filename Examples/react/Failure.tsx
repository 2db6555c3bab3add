// SPDX-License-Identifier: MIT

import type { InstagramErrorCode } from './apiService';
import { errorSentences } from './sentences';

/** A sentence, and what finds the request in the service's logs. Read out as soon as it appears. */
export function Failure({ error }: { error: { code: InstagramErrorCode; requestId: string | null } }) {
  return (
    <div className="notice bad" role="alert">
      <p>{errorSentences[error.code]}</p>
      {error.requestId !== null && <p className="small">Request <code>{error.requestId}</code></p>}
    </div>
  );
}
