// SPDX-License-Identifier: MIT
// <instagram-connect>, as it is written. What is served is connect.js, which Sources/Connect/Element/make makes of it.
//
// All elements of a page show one connection: the status, and whether somebody waits for an answer, are of the page; the
// question whether to disconnect, and what went wrong after a press, are of the element.

if (!customElements.get('instagram-connect')) {
  // An image of that name would pass for `currentScript`, and its host for the service.
  const script = document.currentScript
  const page = location
  const service = new URL('/auth/instagram', script instanceof HTMLScriptElement ? script.src : page)
  // A path is one of this page's origin, also to a service on another one.
  const home = service.origin === page.origin ? '' : page.origin

  const languages = ['en', 'ar']
  const words = {
    connect: ['Connect Instagram', 'ربط إنستغرام'],
    reconnect: ['Reconnect Instagram', 'ربط إنستغرام من جديد'],
    disconnect: ['Disconnect', 'إلغاء الربط'],
    cancel: ['Cancel', 'تراجع'],
    retry: ['Try again', 'حاول من جديد'],
    wait: ['One moment…', 'لحظة من فضلك…'],
    connected: ['Instagram is connected.', 'تم ربط إنستغرام.'],
    expiring: ['The access ends soon.', 'ينتهي إذن الوصول قريبًا.'],
    gone: ['Instagram is no longer connected here.', 'لم يعد إنستغرام مربوطًا هنا.'],
    question: ['Disconnect? Messages are then not answered.', 'إلغاء الربط؟ لن يُردّ على الرسائل.'],
    access_denied: ['Access was not allowed.', 'لم يُسمح بالوصول.'],
    account_in_use: ['This account is connected to somebody else.', 'هذا الحساب مرتبط بمستخدم آخر.'],
    account_mismatch: ['Another account. Nothing was changed.', 'حساب آخر. لم يتغيّر شيء.'],
    account_not_eligible: ['No Business or Creator account, or no tester.', 'ليس حساب أعمال أو صانع محتوى أو مختبِر.'],
    permission_missing: ['A permission is missing. Please allow all.', 'هناك إذن ناقص. يرجى منح كل الأذونات.'],
    login_required: ['Please sign in first.', 'سجّل الدخول أولًا.'],
    provider_unavailable: ['Instagram cannot be reached.', 'لا يمكن الوصول إلى إنستغرام.'],
    busy: ['Busy. Please try again soon.', 'الخدمة مشغولة. حاول بعد لحظات.'],
    invalid_state: ['That attempt is over. Please try again.', 'انتهت هذه المحاولة، أو بدأت في مكان آخر.'],
    other: ['That did not work. Please try again.', 'لم ينجح ذلك. حاول من جديد.'],
    expired: ['The access has ended.', 'انتهى إذن الوصول.'],
    revoked: ['Access was taken back in Instagram.', 'سُحب إذن الوصول من داخل إنستغرام.'],
    password_changed: ['The password was changed.', 'تغيّرت كلمة المرور.'],
    checkpoint: ['Instagram wants you to confirm something.', 'يطلب منك إنستغرام تأكيد أمر ما.'],
  }
  // Of the button that answers the question, and of codes and reasons: those that share a sentence with another.
  const alike = {
    confirm: 'disconnect', too_many_requests: 'busy', storage_unavailable: 'busy', key_missing: 'expired',
    removed_in_instagram: 'revoked', not_eligible: 'account_not_eligible',
  }
  // Those that a browser can meet.
  const codes = ('access_denied account_in_use account_mismatch account_not_eligible permission_missing login_required ' +
    'provider_unavailable busy invalid_state too_many_requests storage_unavailable ' +
    'missing_code token_exchange_failed user_info_failed interrupted invalid_request forbidden not_found ' +
    'method_not_allowed payload_too_large internal_error').split(' ')

  /** What `instagram-error` carries: nothing that somebody else made up. */
  const refusal = (code, id) => ({
    code: codes.includes(code) ? code : 'unknown',
    requestId: /^[\w-]{1,64}$/.test(id ?? '') ? id : null,
  })

  // MARK: The address

  // What the service adds stands together, so a parameter of the page may have one of these names.
  const ours = /[?&]instagram_error=([^&]*)(?:&(?:instagram_error|instagram_permission|request_id)=[^&]*)*/

  /** What the way back from Instagram says. Taken once, before anybody reloads or shares the address. */
  const takeArrival = () => {
    const isBack = /^#instagram=(connected|failed)$/.test(page.hash)
    const found = ours.exec(page.search)
    if (!isBack && !found) return null
    const search = page.search.replace(ours, '').replace(/^&/, '?')
    const hash = isBack ? '' : page.hash
    history.replaceState(history.state, '', page.origin + page.pathname + search + hash)
    return { error: found && refusal(found[1], /&request_id=([^&]*)/.exec(found[0])?.[1]) }
  }

  // MARK: The connection

  const elements = new Set()
  let status = null
  let failure = null  // why there is no status
  let isBusy = false
  let isGone = false  // it was there while somebody looked: let go, or signed out
  let arrival = takeArrival()
  let reading = 0  // the newest reading; what an older one says is not told

  const draw = isNews => { for (const element of elements) element.draw(isNews) }
  const tell = (element, name, detail) =>
    element?.dispatchEvent(new CustomEvent('instagram-' + name, { detail, bubbles: true, composed: true }))
  const first = () => elements.values().next().value

  /** One of the service's routes. Throws what `instagram-error` carries. */
  const ask = async (route, method = 'GET') => {
    let said
    try {
      const answer = await fetch(service + route, {
        method, credentials: 'include', headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15000),
      })
      said = await answer.json()
      if (answer.ok) return said
    } catch { /* Nobody answered, not in time, or not in our words. */ }
    throw refusal(said?.error, said?.request_id)
  }

  /** Another status is there: it is shown, and told if it is news. */
  const learn = (now, by = first()) => {
    const before = status
    const back = arrival
    const wasThere = before && before.state !== 'not_connected'
    status = now
    failure = arrival = null
    isGone = (isGone || wasThere) && now.state === 'not_connected'
    draw(before && before.state !== now.state)
    if (wasThere && isGone) tell(by, 'disconnected', now)
    const isOther = before && !(before.connected && before.instagram_user_id === now.instagram_user_id)
    if (now.connected && (isOther || (!before && back && !back.error))) tell(first(), 'connected', now)
    if (back?.error || (back && now.connected)) first()?.welcome(back.error)
  }

  const read = async () => {
    const mine = ++reading
    try {
      const now = await ask('/status')
      if (mine === reading && elements.size) learn(now)
    } catch (error) {
      if (mine !== reading || !elements.size) return
      // What was known stays, unless it was somebody else's. Told once.
      if (error.code === 'login_required') status = null
      if (status || failure) return
      failure = error
      draw()
      tell(first(), 'error', error)
    }
  }

  // The back button may bring this page as it was left; another tab may have changed what it shows.
  addEventListener('pageshow', event => {
    if (!event.persisted) return
    isBusy = false
    draw()
    read()
  })
  document.addEventListener('visibilitychange', () => { if (!document.hidden && elements.size) read() })

  // MARK: The element

  const style = new CSSStyleSheet()
  style.replaceSync(`
:host{display:block;font:var(--instagram-connect-font,inherit)}
:host([hidden]),p:empty,button[hidden]{display:none}
p{margin:0 0 .75em;overflow-wrap:anywhere}
[role]:empty{display:block;margin:0}
[role=alert]:not(:empty){border-inline-start:4px solid var(--instagram-connect-error,currentColor);
padding-inline-start:.75em}
div{display:flex;flex-wrap:wrap;gap:.75em}
button{font:inherit;font-weight:600;min-height:44px;padding:.5em 1.25em;border:1px solid;background:none;color:inherit;
border-radius:var(--instagram-connect-radius,.625em)}
[part~=primary]{background:var(--instagram-connect-accent,#14604a);color:var(--instagram-connect-on-accent,#fff);
border-color:transparent}
:focus-visible{outline:3px solid CanvasText;outline-offset:3px;box-shadow:0 0 0 3px Canvas}`)

  const make = (tag, part) => {
    const element = document.createElement(tag)
    element.setAttribute('part', part)
    return element
  }

  customElements.define('instagram-connect', class extends HTMLElement {
    static observedAttributes = ['lang']

    #box = make('section', 'box')
    #account = make('p', 'account')
    #message = make('p', 'message')
    #alert = make('p', 'alert')
    #primary = make('button', 'button primary')
    #secondary = make('button', 'button secondary')
    #isAsking = false
    #error = null

    constructor() {
      super()
      const actions = make('div', 'actions')
      for (const [text, role] of [[this.#message, 'status'], [this.#alert, 'alert']]) {
        text.setAttribute('role', role)
        text.tabIndex = -1
      }
      for (const button of [this.#primary, this.#secondary]) {
        button.type = 'button'
        button.onclick = event => this.#press(button.name, event.detail > 1)
      }
      actions.append(this.#primary, this.#secondary)
      this.#box.append(this.#account, this.#message, this.#alert, actions)
      const root = this.attachShadow({ mode: 'open' })
      root.adoptedStyleSheets = [style]
      root.append(this.#box)
    }

    /** The last status that is known; null before the first. */
    get status() { return status }

    /** Reads the status again. */
    async refresh() {
      await read()
      return status
    }

    connectedCallback() {
      elements.add(this)
      this.draw()
      if (elements.size === 1) read()
    }

    disconnectedCallback() { elements.delete(this) }
    attributeChangedCallback() { this.draw() }

    get #language() {
      const nearest = (this.closest('[lang]') ?? document.documentElement).lang
      const wanted = (nearest ? [nearest] : navigator.languages).map(tag => tag.toLowerCase().split('-')[0])
      return wanted.find(tag => languages.includes(tag)) ?? 'en'
    }

    /** News of the connection settle what was asked, and what went wrong, before. */
    draw(isNews) {
      if (isNews) {
        this.#isAsking = false
        this.#error = null
      }
      const language = this.#language
      const say = name => (words[name] ?? words[alike[name]] ?? words.other)[languages.indexOf(language)]
      const isThere = status && status.state !== 'not_connected'
      const isAsking = this.#isAsking && isThere
      const error = failure ?? this.#error

      this.#box.lang = language
      this.#box.dir = language === 'ar' ? 'rtl' : 'ltr'
      const names = isThere ? [status.name, status.instagram_username && '@' + status.instagram_username] : []
      this.#account.replaceChildren(...names.filter(Boolean).flatMap(name => {
        const text = make('bdi', 'name')  // somebody else's words: text, and only as far as they go
        text.textContent = name
        return [text, ' ']
      }))
      this.#say(this.#message,
        isBusy || (!status && !failure) ? say('wait')
          : isAsking ? say('question')
            : isThere ? say(status.state === 'reconnect_required' ? status.reason ?? 'expired' : status.state)
              : isGone ? say('gone') : '')
      this.#say(this.#alert, error && !isBusy ? say(error.code) : '')

      const [primary, secondary] =
        failure ? ['retry']
          : !status ? []
            : !isThere ? ['connect']
              : isAsking ? ['cancel', 'confirm']
                : [status.state !== 'connected' && 'reconnect', 'disconnect']
      const hadFocus = this.shadowRoot.activeElement
      this.#offer(this.#primary, primary, say)
      this.#offer(this.#secondary, secondary, say)
      // A button that is gone leaves the focus to the one that is there.
      if (hadFocus?.hidden) (this.#primary.hidden ? this.#secondary : this.#primary).focus()
    }

    /** Only what is new, or a screen reader would read it again. */
    #say(place, text) { if (place.textContent !== text) place.textContent = text }

    #offer(button, name, say) {
      button.hidden = !name
      button.name = name || ''
      button.setAttribute('aria-disabled', isBusy)
      this.#say(button, name ? say(name) : '')
    }

    /** On the way back from Instagram: what came of it, and the focus there unless somebody is elsewhere already. */
    welcome(error) {
      if (error) this.#fail(error)
      if (document.activeElement === document.body) (error ? this.#alert : this.#message).focus()
    }

    #fail(error) {
      this.#error = error
      this.draw()
      tell(this, 'error', error)
    }

    /** This page, unless an attribute says where else; where its address is more than the service takes, less of it. */
    async #authURL() {
      const wanted = this.getAttribute('return-to')
      const targets = wanted ? [wanted] : [page.pathname + page.search, page.pathname]
      for (const target of targets) {
        try {
          const place = (target[0] === '/' ? home : '') + target
          return (await ask('?return_to=' + encodeURIComponent(place))).auth_url
        } catch (error) {
          if (wanted || error.code !== 'invalid_request') throw error
        }
      }
      return (await ask('')).auth_url
    }

    async #press(name, isRepeated) {
      // The second half of a double click answers no question.
      if (isBusy || (isRepeated && name === 'confirm')) return
      this.#error = null
      this.#isAsking = name === 'disconnect'
      if (name === 'disconnect' || name === 'cancel') {
        this.draw()
        // To the harmless answer, which comes first; and back to where the question came from.
        return (this.#isAsking ? this.#primary : this.#secondary).focus()
      }
      isBusy = true
      isGone = false
      draw()
      try {
        if (name === 'retry') {
          failure = null
          await read()
        } else if (name === 'confirm') {
          const now = await ask('/disconnect', 'POST')
          reading++
          learn(now, this)
        } else {
          const auth_url = await this.#authURL()
          // Whoever took the element away meanwhile wants to stay.
          if (this.isConnected && /^https?:/.test(auth_url)) page.assign(auth_url)
          // The page stays for a while; whoever stops the browser can press again.
          await new Promise(done => setTimeout(done, 8000))
        }
      } catch (error) {
        this.#fail(error)
      }
      isBusy = false
      draw()
    }
  })
}
