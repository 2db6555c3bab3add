// SPDX-License-Identifier: MIT

import { useRef } from 'react';
import type { InstagramStatus } from './apiService';
import { isReason, reasonSentences, messagesSentence } from './sentences';

interface Props {
  status: InstagramStatus;
  isBusy: boolean;
  /** Also where reconnecting is what comes first. */
  offersSwitch: boolean;
  onConnect: (switchAccount?: boolean) => void;
  onDisconnect: () => void;
}

/** The account, if there is one, and its buttons. */
export function Account({ status, isBusy, offersSwitch, onConnect, onDisconnect }: Props) {
  // `aria-disabled` and not `disabled`, which would take the focus away from who presses by keyboard.
  const button = { type: 'button', 'aria-disabled': isBusy } as const;

  if (status.state === 'not_connected') {
    return (
      <section className="card" aria-labelledby="account">
        <h2 id="account">No account is connected</h2>
        <p>Connect the Instagram account of your shop, so that its messages can be answered.</p>
        <button {...button} onClick={() => onConnect()}>Connect Instagram</button>
      </section>
    );
  }
  const needsReconnect = status.state !== 'connected' || isReason(status.webhooks_error);
  return (
    <section className="card" aria-labelledby="account">
      <h2 id="account">{status.name ?? status.instagram_username ?? 'Instagram account'}</h2>
      <Condition status={status} />
      <dl>
        <Fact name="Instagram name" text={status.instagram_username && `@${status.instagram_username}`} />
        <Fact name="Connected since" time={status.connected_at} />
        {status.connected && <Fact name="Access until" time={status.token_expires_at} />}
      </dl>
      <div className="buttons">
        {needsReconnect && <button {...button} onClick={() => onConnect()}>Reconnect</button>}
        {(status.state === 'connected' || offersSwitch) && (
          <button {...button} className="second" onClick={() => onConnect(true)}>Switch account</button>
        )}
        <Disconnect isBusy={isBusy} onDisconnect={onDisconnect} />
      </div>
    </section>
  );
}

function Condition({ status }: { status: InstagramStatus }) {
  switch (status.state) {
    case 'reconnect_required':
      return (
        <p className="notice bad">
          Messages are not answered until you reconnect this account.{' '}
          {status.reason !== null && reasonSentences[status.reason]}
        </p>
      );
    case 'expiring':
      return (
        <>
          <p className="notice bad">The access ends soon and could not be renewed. Reconnect before it does.</p>
          <Messages error={status.webhooks_error} />
        </>
      );
    default:
      return <Messages error={status.webhooks_error} />;
  }
}

function Messages({ error }: { error: string | null }) {
  if (error === null) return null;
  return <p className={isReason(error) ? 'notice bad' : 'notice'}>{messagesSentence(error)}</p>;
}

function Fact({ name, text, time }: { name: string; text?: string | null; time?: string | null }) {
  const shown = time ? <time dateTime={time}>{new Date(time).toLocaleDateString('en', { dateStyle: 'long' })}</time> : text;
  return shown ? <div><dt>{name}</dt><dd>{shown}</dd></div> : null;
}

/** Asks once. The browser's own dialog keeps the focus inside, closes on Escape and gives the focus back. */
function Disconnect({ isBusy, onDisconnect }: Pick<Props, 'isBusy' | 'onDisconnect'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  const confirm = () => {
    dialog.current?.close();
    onDisconnect();
  };
  return (
    <>
      <button
        type="button" className="second" aria-disabled={isBusy} aria-haspopup="dialog"
        onClick={() => isBusy || dialog.current?.showModal()}
      >
        Disconnect
      </button>
      <dialog ref={dialog} aria-labelledby="question" aria-describedby="consequence">
        <h2 id="question">Disconnect this account?</h2>
        <p id="consequence">Its messages are not answered any more, and the access to it is erased.</p>
        <div className="buttons">
          <button type="button" className="second" onClick={() => dialog.current?.close()}>Keep it</button>
          <button type="button" className="bad" onClick={confirm}>Disconnect</button>
        </div>
      </dialog>
    </>
  );
}
