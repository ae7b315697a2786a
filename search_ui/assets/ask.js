// The request form and its receipt. Without script the form works with its buttons; with it, what is typed is kept as
// it is typed, and papers and date follow type and relation at once.
import { dress } from './files.js'
import { put, WISHED } from './follow.js'

const form = document.querySelector('form[data-ask]')
const receipt = document.querySelector('[data-sent]')

// The way back after sending leads to the receipt: each entry of the history remembers which form stood there.
const goneTo = once => once && sessionStorage.getItem(`sent:${once}`)
const back = () => {
  const once = history.state?.once ?? form.elements.once.value
  form.dataset.sending = goneTo(once) ? 'sent' : ''
  if (goneTo(once)) location.replace(goneTo(once))
  else history.replaceState({ ...history.state, once: form.elements.once.value }, '')
}
if (form) {
  document.documentElement.classList.add('scripted')
  dress(form)
  addEventListener('pageshow', back)
  document.querySelector('[data-focus]')?.focus()
}
if (receipt?.dataset.sent) sessionStorage.setItem(`sent:${receipt.dataset.sent}`, location.pathname)

// What is typed is kept, a moment after the last key.
const kept = document.querySelector('[data-kept]')
let waiting, typed = ''
const values = () => {
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value)
  return body
}
const keep = async () => {
  const body = values()
  if (form.dataset.sending || String(body) === typed) return
  const answer = await fetch(form.dataset.draft, { method: 'POST', body, keepalive: true }).catch(() => null)
  if (!answer?.ok) return
  typed = String(body)
  const said = await answer.json().catch(() => ({}))
  if (said.kept) kept.textContent = kept.dataset.said.replace('…', said.kept)
}
if (form?.dataset.draft) {
  typed = String(values())
  form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(keep, 700) })
  document.addEventListener('visibilitychange', () => { if (document.hidden) keep() })
  form.addEventListener('submit', () => clearTimeout(waiting))
}

// Another type or relation: the parts that follow from it are fetched.
let asked = 0
const follow = async () => {
  const mine = ++asked
  const wanted = new URLSearchParams()
  const typed = new FormData(form)
  for (const name of ['type', 'relation', 'from', ...WISHED]) wanted.set(name, typed.get(name) ?? '')
  for (const id of form.elements.records.value.split(' ').filter(Boolean)) wanted.append('resource', id)
  const answer = await fetch(`${form.dataset.part}?${wanted}`).catch(() => null)
  if (!answer?.ok || mine !== asked) return
  put(form, await answer.text())
  chosen()
}
form?.addEventListener('change', event => {
  if (['type', 'relation', ...WISHED].includes(event.target.name)) follow()
  if (event.target.type === 'file') chosen()
})
const chosen = () => {
  for (const state of form.querySelectorAll('[data-state]')) {
    const has = state.closest('li').querySelector('input[type=file]')?.files.length
    state.dataset.needed ??= state.textContent
    state.textContent = has ? state.dataset.chosen : state.dataset.needed
    state.classList.toggle('now', Boolean(has))
    state.classList.toggle('soon', !has)
  }
}

// Sent once, however often the button is pressed.
form?.addEventListener('submit', event => {
  if (form.dataset.sending) event.preventDefault()
  else if (event.submitter?.value === 'send') form.dataset.sending = 'yes'
})

const print = document.querySelector('[data-print]')
if (print) {
  print.hidden = false
  print.addEventListener('click', () => window.print())
}
