// SPDX-License-Identifier: MIT

import { useCallback, useEffect, useRef, useState } from 'react';
import { Account } from './Account';
import { disconnectInstagram, getInstagramAuthUrl, getInstagramStatus, InstagramError, InstagramStatus } from './apiService';
import { Failure } from './Failure';
import type { Outcome } from './outcome';

type Doing = 'opening Instagram' | 'disconnecting' | null;

/** What is connected, what went wrong, and what can be done. */
export function SettingsPage({ outcome }: { outcome: Outcome | null }) {
  const [status, setStatus] = useState<InstagramStatus | null>(null);
  const failed = typeof outcome === 'object' ? outcome : null;
  const [error, setError] = useState(failed);
  // Of its own, because it is over with the next answer, and what a person began and did not get is not.
  const [readError, setReadError] = useState<InstagramError | null>(null);
  const [news, setNews] = useState('');
  const [doing, setDoing] = useState<Doing>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const lastRead = useRef(0);

  const show = useCallback((status: InstagramStatus) => {
    setStatus(status);
    setReadError(null);
  }, []);

  const read = useCallback(async () => {
    // Of two answers that cross each other the later question counts.
    const mine = ++lastRead.current;
    try {
      const status = await getInstagramStatus();
      if (mine === lastRead.current) show(status);
    } catch (thrown) {
      if (mine === lastRead.current) setReadError(InstagramError.from(thrown));
    }
  }, [show]);

  useEffect(() => {
    void read();
    // What another tab did is seen on the way back here.
    const whenVisible = () => {
      if (document.visibilityState === 'visible') void read();
    };
    // The back button may bring this page as it was left: waiting for Instagram's.
    const whenBack = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      setDoing((doing) => (doing === 'opening Instagram' ? null : doing));
      void read();
    };
    addEventListener('pageshow', whenBack);
    document.addEventListener('visibilitychange', whenVisible);
    return () => {
      removeEventListener('pageshow', whenBack);
      document.removeEventListener('visibilitychange', whenVisible);
    };
  }, [read]);

  const isConnected = status?.connected ?? false;
  // The address alone proves nothing.
  useEffect(() => {
    if (outcome === 'connected' && isConnected) setNews('Instagram is connected.');
  }, [outcome, isConnected]);

  async function attempt(what: Doing, action: () => Promise<void>) {
    if (doing !== null) return;
    setDoing(what);
    setError(null);
    setNews('');
    try {
      await action();
    } catch (thrown) {
      setDoing(null);
      setError(InstagramError.from(thrown));
    }
  }

  const connect = (switchAccount = false) => attempt('opening Instagram', async () => {
    const { auth_url } = await getInstagramAuthUrl({ returnTo: location.pathname, switchAccount });
    // It stays "opening" until the page is left.
    location.assign(auth_url);
  });

  const disconnect = () => attempt('disconnecting', async () => {
    const status = await disconnectInstagram();
    // What was asked before may be answered after this, and would tell of the account that is gone.
    lastRead.current++;
    show(status);
    setDoing(null);
    setNews(
      'Disconnected. To take the access back inside Instagram as well, open Settings there, then Apps and websites.'
      + (status.webhooks === 'unknown' ? ' Instagram did not confirm that it sends no more messages here.' : ''));
    // The button that was pressed is gone.
    heading.current?.focus();
  });

  const again = () => {
    setReadError(null);
    void read();
  };

  return (
    <>
      <h1 tabIndex={-1} ref={heading}>Instagram connection</h1>
      {error !== null && <Failure error={error} />}
      {readError !== null && readError.code !== error?.code && <Failure error={readError} />}
      <p className={news === '' ? '' : 'notice'} role="status">{news}</p>
      {status !== null && (
        <Account
          status={status} isBusy={doing !== null} offersSwitch={failed?.code === 'account_mismatch'}
          onConnect={connect} onDisconnect={disconnect}
        />
      )}
      {status === null && readError === null && <p className="card" aria-busy="true">Loading…</p>}
      {status === null && readError !== null && <button type="button" onClick={again}>Try again</button>}
      <p className="small" role="status">
        {doing === 'opening Instagram' && 'Opening Instagram…'}
        {doing === 'disconnecting' && 'Disconnecting…'}
      </p>
    </>
  );
}
