// SPDX-License-Identifier: MIT
const api = 'https://api.shop.example.com'

// What the way back from Instagram brought, taken out of the address before anything else happens.
const claim = /^#instagram_claim=([\w-]+)$/.exec(location.hash)?.[1]
const error = new URLSearchParams(location.search).get('instagram_error')
if (location.hash || location.search) history.replaceState(null, '', location.pathname)

const find = name => document.getElementById(name)
const say = text => { find('state').textContent = text }

/** Asks our own application, with the token of whoever is signed in. */
const ask = async (path, body) => {
  const answer = await fetch(api + path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: 'Bearer ' + localStorage.getItem('token'), 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  const said = await answer.json()
  if (answer.ok) return said
  if (answer.status === 401) localStorage.removeItem('token')
  throw new Error(said.error ?? answer.status)
}

const draw = ({ state, instagram_username }) => {
  const isThere = state !== undefined && state !== 'not_connected'
  const isSignedIn = localStorage.getItem('token') !== null
  find('login').hidden = isSignedIn
  find('sign-out').hidden = !isSignedIn
  find('connect').hidden = !isSignedIn || state === 'connected'
  find('disconnect').hidden = !isSignedIn || !isThere
  if (state) say(isThere ? `${state}: @${instagram_username}` : state)
}

/** Does something, and shows what came of it. */
const act = async work => {
  try {
    draw(await work())
  } catch ({ message }) {
    draw({})
    say(message)
  }
}

find('login').onsubmit = event => {
  event.preventDefault()
  act(async () => {
    localStorage.setItem('token', (await ask('/api/login', Object.fromEntries(new FormData(find('login'))))).token)
    return ask('/api/instagram')
  })
}
find('connect').onclick = () => act(async () => {
  location.assign((await ask('/api/instagram/connect', {})).connect_url)
  return {}
})
find('disconnect').onclick = () => act(() => ask('/api/instagram/disconnect', {}))
find('sign-out').onclick = () => {
  localStorage.removeItem('token')
  say('')
  draw({})
}

if (localStorage.getItem('token') === null) draw({})
else {
  act(async () => {
    if (claim) await ask('/api/instagram/claim', { claim })
    const now = await ask('/api/instagram')
    if (error) throw new Error(error)
    return now
  })
}
