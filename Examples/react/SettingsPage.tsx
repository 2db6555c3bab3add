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
  const [error, setError] = useState(typeof outcome === 'object' ? outcome : null);
  const [news, setNews] = useState('');
  const [doing, setDoing] = useState<Doing>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const lastRead = useRef(0);

  const read = useCallback(async () => {
    // Of two answers that cross each other the later question counts.
    const mine = ++lastRead.current;
    try {
      const status = await getInstagramStatus();
      if (mine === lastRead.current) setStatus(status);
    } catch (thrown) {
      if (mine === lastRead.current) setError(InstagramError.from(thrown));
    }
  }, []);

  useEffect(() => {
    void read();
    // What another tab did is seen on the way back here. The back button may bring this page as it was left: waiting.
    const whenShown = () => {
      if (document.visibilityState !== 'visible') return;
      setDoing(null);
      void read();
    };
    addEventListener('pageshow', whenShown);
    document.addEventListener('visibilitychange', whenShown);
    return () => {
      removeEventListener('pageshow', whenShown);
      document.removeEventListener('visibilitychange', whenShown);
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
    lastRead.current++;
    const status = await disconnectInstagram();
    setStatus(status);
    setDoing(null);
    setNews(
      'Disconnected. To take the access back inside Instagram as well, open Settings there, then Apps and websites.'
      + (status.webhooks === 'unknown' ? ' Instagram did not confirm that it sends no more messages here.' : ''));
    // The button that was pressed is gone.
    heading.current?.focus();
  });

  const again = () => {
    setError(null);
    void read();
  };

  return (
    <>
      <h1 tabIndex={-1} ref={heading}>Instagram connection</h1>
      {error !== null && <Failure error={error} />}
      <p className={news === '' ? '' : 'notice'} role="status">{news}</p>
      {status !== null && (
        <Account status={status} isBusy={doing !== null} onConnect={connect} onDisconnect={disconnect} />
      )}
      {status === null && error === null && <p className="card" aria-busy="true">Loading…</p>}
      {status === null && error !== null && <button type="button" onClick={again}>Try again</button>}
      <p className="small" role="status">
        {doing === 'opening Instagram' && 'Opening Instagram…'}
        {doing === 'disconnecting' && 'Disconnecting…'}
      </p>
    </>
  );
}
