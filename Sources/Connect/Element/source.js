// SPDX-License-Identifier: MIT
// <instagram-connect>, as it is written. What is served, connect.js, is this without comments and spaces; the next line
// makes it, in this directory, and a test holds the two together:
// (echo '// SPDX-License-Identifier: MIT'; esbuild --minify-whitespace --minify-syntax --charset=utf8 --target=es2022 source.js) >connect.js
if (!customElements.get('instagram-connect')) {
const service = new URL('/auth/instagram', document.currentScript?.src || location).href

const words = {
  connect: ['Connect Instagram', 'ربط إنستغرام'],
  reconnect: ['Reconnect', 'إعادة الربط'],
  disconnect: ['Disconnect', 'فصل الحساب'],
  cancel: ['Cancel', 'إلغاء'],
  retry: ['Try again', 'إعادة المحاولة'],
  wait: ['One moment…', 'لحظة من فضلك…'],
  connected: ['Instagram is connected.', 'حساب إنستغرام مرتبط.'],
  gone: ['Disconnected.', 'تم فصل الحساب.'],
  ask: ['Disconnect? Messages will no longer be answered.', 'فصل الحساب؟ لن يتم الرد على الرسائل.'],
  expiring: ['The connection ends soon.', 'سينتهي الربط قريبًا.'],
}
words.confirm = words.disconnect
// Error codes, reasons, and the sentence for them.
const sentences = [
  ['access_denied', , 'Access was not allowed.', 'لم يُسمح بالوصول.'],
  ['account_in_use', , 'This account is connected to somebody else.', 'هذا الحساب مرتبط بمستخدم آخر.'],
  ['account_mismatch', , 'This is another account. Nothing was changed.', 'هذا حساب آخر. لم يتغير شيء.'],
  ['account_not_eligible', 'not_eligible', 'A Business or Creator account is needed.', 'يلزم حساب أعمال أو منشئ محتوى.'],
  ['permission_missing', 'permission_missing', 'A permission is missing. Please allow all.', 'هناك إذن ناقص. يرجى منح كل الأذونات.'],
  ['login_required unauthorized', , 'Please sign in first.', 'يرجى تسجيل الدخول أولًا.'],
  ['provider_unavailable', , 'Instagram cannot be reached.', 'تعذر الوصول إلى إنستغرام.'],
  [, 'revoked removed_in_instagram', 'Access was removed in Instagram.', 'تمت إزالة الوصول من إنستغرام.'],
  [, 'password_changed', 'The password was changed.', 'تغيرت كلمة المرور.'],
  [, 'checkpoint', 'Confirm your account in Instagram.', 'أكّد حسابك في إنستغرام.'],
  [, 'expired key_missing', 'The connection has ended.', 'انتهى الربط.'],
  ['invalid_state missing_code token_exchange_failed user_info_failed interrupted busy too_many_requests ' +
    'invalid_request forbidden reconnect_required gone storage_unavailable not_found method_not_allowed ' +
    'payload_too_large internal_error', , 'That did not work. Try again.', 'لم ينجح ذلك. حاول ثانية.'],
]
const row = (column, name) => sentences.find(row => row[column]?.split(' ').includes(name))
const refusal = (code, id) =>
  ({ code: row(0, code) ? code : 'unknown', requestId: /^[\w-]{1,64}$/.test(id) ? id : null })

const query = () => location.search.slice(1).split('&')
const own = () => {
  const rest = query().filter(pair => !/^(instagram_(error|permission)|request_id)=/.test(pair)).join('&')
  return location.pathname + (rest && '?' + rest)
}
// What the way back says is taken once, before anybody reloads or shares the address.
const take = () => {
  const { hash, pathname, search, origin } = location
  const ending = /^#instagram=(connected|failed)$/.exec(hash)?.[1]
  const [code, id] = ['instagram_error=', 'request_id='].map(name =>
    query().find(pair => pair.startsWith(name))?.slice(name.length))
  const isError = code != null
  if (!ending && !isError) return
  history.replaceState(history.state, '', origin + (isError ? own() : pathname + search) + (ending ? '' : hash))
  return isError ? { error: refusal(code, id) } : ending == 'connected' && {}
}

// The elements of a page show one connection. Key: the element; value: what draws it.
const elements = new Map()
let status = null, failure, notice, isBusy = false, turn = 0, returned = take()

const draw = () => elements.forEach(each => each())
const free = () => { isBusy = false; draw() }
const emit = (on, name, detail) =>
  on?.dispatchEvent(new CustomEvent('instagram-' + name, { detail, bubbles: true, composed: true }))
const tell = (on, error) => {
  notice = { on, error }
  draw()
  emit(on, 'error', error)
}
const call = async (path, method) => {
  let body
  try {
    const answer = await fetch(service + path,
      { method, headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(15e3) })
    body = await answer.json()
    if (answer.ok) return body
  } catch {}
  throw refusal(body?.error, body?.request_id)
}
const settle = now => {
  const before = status, back = returned, [first] = elements.keys()
  const isGone = before && before.state != 'not_connected' && now.state == 'not_connected'
  status = now
  failure = 0
  if (isGone) notice = { isGone }
  draw()
  if (isGone) emit(first, 'disconnected', now)
  if (now.connected && (before ? !before.connected : back && !back.error)) emit(first, 'connected', now)
  if (!first || !back) return
  returned = 0
  if (back.error) tell(first, back.error)
  first.greet()
}
const load = async isQuiet => {
  const mine = ++turn
  try {
    const now = await call('/status')
    if (mine == turn) settle(now)
  } catch (error) {
    // What was known stays.
    if (mine != turn || status) return
    const isOld = failure && isQuiet
    failure = error
    draw()
    if (!isOld) emit([...elements.keys()][0], 'error', error)
  }
}
addEventListener('pageshow', event => { if (event.persisted) { free(); load(1) } })
document.addEventListener('visibilitychange', () => { if (!document.hidden && elements.size) load(1) })

const sheet = new CSSStyleSheet()
sheet.replaceSync(`
:host{display:block;font:var(--instagram-connect-font,inherit)}
:host([hidden]){display:none}
section{--a:var(--instagram-connect-accent,light-dark(#1b5e4b,#8ed6be))}
p{margin:0;overflow-wrap:anywhere;outline:0}
p:not(:empty){margin-block-end:.5em}
[role=alert]{color:var(--instagram-connect-error,light-dark(#8f1d1d,#ffb4ab))}
div{display:flex;flex-wrap:wrap;gap:.5em}
button{font:inherit;font-weight:600;min-height:44px;padding:.5em 1.25em;border:1px solid;background:none;color:inherit;
border-radius:var(--instagram-connect-radius,.5em)}
[part~=primary]{background:var(--a);color:var(--instagram-connect-on-accent,light-dark(#fff,#0d1f19))}
button:focus-visible{outline:3px solid var(--a);outline-offset:2px}
[aria-disabled=true]{opacity:.7}`)

const make = (name, part, rest) => Object.assign(document.createElement(name), { part }, rest)

customElements.define('instagram-connect', class extends HTMLElement {
  static observedAttributes = ['lang']
  #isAsking

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' }), box = make('section', 'box'), account = make('p', 'account')
    const [message, alert] = ['status', 'alert'].map(role => make('p', 'message ' + role, { role, tabIndex: -1 }))
    // A press on Disconnect leaves the focus on Cancel, which takes its place.
    const buttons = ['primary', 'secondary'].map(part =>
      make('button', 'button ' + part, { type: 'button', onclick: event => this.#press(event.target.name) }))
    const actions = make('div', 'actions')
    actions.append(...buttons)
    box.append(account, message, alert, actions)
    root.append(box)
    root.adoptedStyleSheets = [sheet]

    this.draw = () => {
      const tongues = [this.closest('[lang]')?.lang || navigator.languages].flat()
      const isArabic = /^ar\b/i.test(tongues.find(tongue => /^(ar|en)\b/i.test(tongue)))
      const say = words => words?.at(isArabic ? -1 : -2) ?? ''
      const { state, reason, name, instagram_username: username } = status ?? {}
      const isLinked = status && state != 'not_connected', isAsking = isLinked && this.#isAsking
      const error = failure || notice?.on == this && notice.error
      const focused = root.activeElement
      box.lang = isArabic ? 'ar' : 'en'
      box.dir = isArabic ? 'rtl' : 'ltr'
      account.replaceChildren(...[isLinked && name, isLinked && username && '@' + username].flatMap(textContent =>
        textContent ? [make('bdi', '', { textContent }), ' '] : []))
      alert.textContent = isBusy ? '' : say(error && (row(0, error.code) ?? sentences.at(-1)))
      message.textContent = say(isBusy || !status && !failure ? words.wait : isAsking ? words.ask
        : state == 'reconnect_required' ? row(1, reason) ?? row(1, 'expired')
        : isLinked ? words[state] : notice?.isGone && words.gone)
      const names = isAsking ? ['confirm', 'cancel'] : failure ? ['retry'] : !status ? [] : !isLinked ? ['connect']
        : [state != 'connected' && 'reconnect', 'disconnect']
      buttons.forEach((button, index) => {
        const name = names[index]
        button.name = name
        button.hidden = !name
        button.textContent = say(words[name])
        button.ariaDisabled = isBusy
      })
      if (focused?.hidden) buttons.find(button => !button.hidden)?.focus()
    }
    this.greet = () => {
      if (document.activeElement == document.body) (alert.textContent ? alert : message).focus()
    }
  }
  get status() { return status }
  refresh() { return load(1).then(() => status) }
  connectedCallback() {
    elements.set(this, this.draw)
    this.draw()
    if (elements.size == 1) load(status)
  }
  disconnectedCallback() { elements.delete(this) }
  attributeChangedCallback() { this.draw() }

  async #press(name) {
    if (isBusy) return
    notice = 0
    this.#isAsking = name == 'disconnect' || name == 'confirm'
    isBusy = !/disconnect|cancel/.test(name)
    draw()
    try {
      if (name == 'retry') await load()
      if (name == 'confirm') {
        const now = await call('/disconnect', 'POST')
        turn++
        settle(now)
      }
      if (/connect$/.test(name) && isBusy) {
        const target = this.getAttribute('return-to') || own()
        location.assign((await call('?return_to=' + encodeURIComponent(target))).auth_url)
        return setTimeout(free, 1e4)
      }
    } catch (error) { tell(this, error) }
    if (isBusy) this.#isAsking = false
    free()
  }
})
}
