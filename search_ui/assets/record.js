// The record page: turn pages in place, a tree with arrow keys that loads what it does not hold, feedback without leaving.
import { tree } from './tree.js'

const place = document.querySelector('details.place')
if (place && matchMedia('(max-width: 767px)').matches) place.open = false
for (const list of document.querySelectorAll('[role=tree]')) tree(list)

const panel = document.getElementById('page-panel')
if (panel) {
  bring(panel.querySelector('.ocr mark.current'))
  panel.addEventListener('click', event => {
    const link = event.target.closest('a.turn')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    turn(link)
  })
}

async function turn(link) {
  const address = new URL(link.href)
  const query = address.searchParams.get('q')
  const part = new URL(`/r/${encodeURIComponent(panel.dataset.resource)}/pages/${link.dataset.page}`, location.href)
  if (query) part.searchParams.set('q', query)
  if (link.dataset.hit) part.searchParams.set('hit', link.dataset.hit)
  const answer = await fetch(part).catch(() => null)
  if (!answer?.ok) return location.assign(link.href)
  const label = link.getAttribute('aria-label')
  panel.innerHTML = await answer.text()
  keep(address.searchParams)
  bring(panel.querySelector('.ocr mark.current'))
  const again = label && [...panel.querySelectorAll('a.turn')].find(each => each.getAttribute('aria-label') === label)
  ;(again || panel.querySelector('[aria-current=page]'))?.focus({ preventScroll: true })
}

// The hit into sight within the box that scrolls; the page itself stays where it is.
function bring(mark) {
  const box = mark?.closest('.ocr')
  if (box) box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3
}

function keep(asked) {
  const here = new URL(location.href)
  here.searchParams.set('page', asked.get('page'))
  if (asked.get('hit')) here.searchParams.set('hit', asked.get('hit'))
  else here.searchParams.delete('hit')
  here.hash = ''
  history.replaceState(null, '', here)
}

for (const form of document.querySelectorAll('form.feedback')) {
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const body = new URLSearchParams(new FormData(form, event.submitter))
    const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } }).catch(() => null)
    say(form, answer?.ok)
  })
}

function say(form, done) {
  const place = document.createElement('p')
  place.className = done ? 'said' : 'alert'
  place.setAttribute('role', done ? 'status' : 'alert')
  place.textContent = done ? form.dataset.thanks : form.dataset.failed
  form.parentElement.querySelectorAll(':scope > .said, :scope > .alert').forEach(old => old.remove())
  form.before(place)
  if (done) form.reset()
}

// Similar records are looked for once they come near the window: the record itself does not wait for them.
const similar = document.querySelector('#similar')
if (similar) {
  const seen = new IntersectionObserver(async entries => {
    if (!entries.some(entry => entry.isIntersecting)) return
    seen.disconnect()
    const answer = await fetch(similar.dataset.part).catch(() => null)
    if (!answer?.ok) return
    const part = (await answer.text()).trim()
    part ? similar.querySelector('p').outerHTML = part : similar.remove()
  }, { rootMargin: '600px' })
  seen.observe(similar)
}
