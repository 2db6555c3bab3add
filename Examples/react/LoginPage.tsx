// SPDX-License-Identifier: MIT

import { useEffect, useState } from 'react';
import { handleInstagramCallback, handleInstagramRefusal, InstagramError, InstagramErrorCode } from './apiService';
import type { CallbackAnswer } from './callbackAnswer';
import { Failure } from './Failure';

const settingsPage = 'index.html';

/** After these the attempt is still open, or its outcome was not heard: the same answer may be sent again. */
const undecided: InstagramErrorCode[] = [
  'busy', 'deadline_exceeded', 'internal_error', 'too_many_requests', 'unexpected_answer', 'unreachable',
];

/** Where Instagram sends the visitor back to. */
export function LoginPage({ answer }: { answer: CallbackAnswer | null }) {
  const [attempt, setAttempt] = useState(1);
  const [error, setError] = useState<InstagramError | null>(null);

  // In development StrictMode runs this twice, and the service is asked twice. Nothing here guards against it: the
  // service exchanges a code once, and both calls hear the same.
  useEffect(() => {
    let isCurrent = true;
    setError(null);
    finish(answer).then(
      // `replace`: the back button leads to Instagram, not to a page that has nothing more to do.
      (fragment) => { if (isCurrent) location.replace(settingsPage + fragment); },
      (thrown) => { if (isCurrent) setError(InstagramError.from(thrown)); },
    );
    return () => { isCurrent = false; };
  }, [answer, attempt]);

  if (error === null) {
    return (
      <>
        <h1>Instagram connection</h1>
        <p className="card" role="status">Connecting…</p>
      </>
    );
  }
  return (
    <>
      <h1>Instagram connection</h1>
      <Failure error={error} />
      {undecided.includes(error.code)
        ? <button type="button" onClick={() => setAttempt(attempt + 1)}>Try again</button>
        : <a className="button" href={settingsPage}>Back to the settings</a>}
    </>
  );
}

async function finish(answer: CallbackAnswer | null): Promise<string> {
  if (answer === null) return '';
  await ('code' in answer ? handleInstagramCallback(answer.code, answer.state) : handleInstagramRefusal(answer));
  return '#instagram=connected';
}
