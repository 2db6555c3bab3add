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
  let timer, wait = 2000
  const anew = fragment => location.replace(`${page}${page.includes('?') ? '&' : '?'}instagram=changed${fragment}`)
  const look = async () => {
    clearTimeout(timer)
    if (shown === undefined || document.hidden) return
    try {
      const answer = await fetch('/auth/instagram/status', {
        headers: { Accept: 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout(10000),
      })
      if (answer.status === 401) return anew('')
      if (answer.ok) {
        const { state, reason, instagram_user_id, webhooks_error, connected_at, next_renewal_at, webhooks_subscribed_at } =
          await answer.json()
        const now = [state, reason, instagram_user_id, webhooks_error, connected_at, next_renewal_at].join(' ')
        if (now !== shown) return anew(webhooks_error ? '#instagram=messages' : '')
        if (!pending) return
        if (webhooks_subscribed_at) return pending.textContent = pending.dataset.then
      }
    } catch { /* The next look may be luckier. */ }
    if (pending) timer = setTimeout(look, wait *= 2)
  }
  addEventListener('pageshow', event => { if (event.persisted) look() })
  document.addEventListener('visibilitychange', look)
  if (pending) timer = setTimeout(look, wait)
}
