// SPDX-License-Identifier: MIT

import { useEffect, useState } from 'react';
import { handleInstagramCallback, handleInstagramRefusal, InstagramError, InstagramErrorCode } from './apiService';
import type { CallbackAnswer } from './callbackAnswer';
import { Failure } from './Failure';

const settingsPage = 'index.html';

/**
 * After these the attempt may still be open, or its outcome was not heard: the same answer may be sent again. Where the
 * attempt is over after all, that changes nothing, and the same is said.
 */
const undecided: InstagramErrorCode[] = [
  'busy', 'deadline_exceeded', 'internal_error', 'provider_unavailable', 'storage_unavailable', 'too_many_requests',
  'unexpected_answer', 'unreachable',
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
  const canTryAgain = undecided.includes(error.code);
  // The settings page offers to switch where it hears this.
  const query = error.code === 'account_mismatch' ? `?instagram_error=${error.code}` : '';
  return (
    <>
      <h1>Instagram connection</h1>
      <Failure error={error} />
      <div className="buttons">
        {canTryAgain && <button type="button" onClick={() => setAttempt(attempt + 1)}>Try again</button>}
        <a className={canTryAgain ? 'button second' : 'button'} href={settingsPage + query}>Back to the settings</a>
      </div>
    </>
  );
}

async function finish(answer: CallbackAnswer | null): Promise<string> {
  if (answer === null) return '';
  await ('code' in answer ? handleInstagramCallback(answer.code, answer.state) : handleInstagramRefusal(answer));
  return '#instagram=connected';
}
