// SPDX-License-Identifier: MIT
// What a shop's own script hears from the element: the events bubble, so one listener on the page is enough.
const note = text => {
  const line = document.createElement('li')
  line.textContent = text
  document.querySelector('#activity').append(line)
}
document.addEventListener('instagram-connected', ({ detail }) => note(`Connected: ${detail.instagram_username}`))
document.addEventListener('instagram-disconnected', () => note('Disconnected.'))
document.addEventListener('instagram-error', ({ detail }) => note(`Not connected: ${detail.code}`))
