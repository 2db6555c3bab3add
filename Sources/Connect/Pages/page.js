// What our pages do better with a script than without. They lack nothing without it.
{
  const { lang } = document.documentElement
  const format = new Intl.DateTimeFormat(`${lang}-u-ca-gregory-nu-latn`, { dateStyle: 'long', timeStyle: 'short' })
  for (const time of document.querySelectorAll('time')) {
    time.title = time.textContent
    time.firstElementChild.textContent = format.format(new Date(time.dateTime))
  }

  // What just happened is told once, not at each reload; after the browser has brought the focus to it.
  const returnTo = new URLSearchParams(location.search).get('return_to')
  const page = location.pathname + (returnTo === null ? '' : `?return_to=${encodeURIComponent(returnTo)}`)
  addEventListener('load', () => {
    if ((location.search + location.hash).includes('instagram')) history.replaceState(history.state, '', page)
  })

  // Another tab, or Instagram, may have changed what this one shows.
  const shown = document.querySelector('[data-shown]')?.dataset.shown
  const pending = document.querySelector('[data-then]')
  let wait = 2000
  const look = async () => {
    if (shown === undefined || document.hidden) return
    try {
      const answer = await fetch('/auth/instagram/status', {
        headers: { Accept: 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout(10000),
      })
      if (!answer.ok) return
      const now = await answer.json()
      if ([now.state, now.instagram_user_id, now.webhooks_error].join(' ') !== shown) return location.replace(page)
      if (!pending) return
      if (now.webhooks_subscribed_at) pending.textContent = pending.dataset.then
      else setTimeout(look, wait *= 2)
    } catch { /* The next look may be luckier. */ }
  }
  addEventListener('pageshow', event => { if (event.persisted) look() })
  document.addEventListener('visibilitychange', look)
  if (pending) setTimeout(look, wait)
}
