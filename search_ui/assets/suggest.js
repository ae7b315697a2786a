// Suggestions below a search box: an ARIA combobox with a list (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
// Serves every `input[data-suggest]`, on plain pages and on screens, whose head may be drawn anew at any time: so all is
// found from the event. Each suggestion is a link, and choosing it is following it. Without script the box is a box.

const PAUSE = 120
let timer, asked, composing = false, shown = null

const boxOf = (event) => event.target.closest?.('input[data-suggest]')
const options = () => shown ? [...shown.list.querySelectorAll('[role=option]')] : []
const active = () => shown?.list.querySelector('[aria-selected=true]') ?? null
const isOpen = (input) => shown?.input === input && !shown.list.hidden

function made(name, attributes = {}, text = '') {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.textContent = text
  return element
}

// The box becomes a combobox when somebody comes to it.
function equip(input) {
  if (shown?.input === input && shown.list.isConnected) return
  shown?.list.remove()
  shown?.spoken.remove()
  const list = made('div', { id: 'suggestions', class: 'suggestions', role: 'listbox', 'aria-label': input.getAttribute('aria-label') })
  list.hidden = true
  const spoken = made('span', { class: 'suggestions-said', role: 'status' })
  const said = { role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id }
  for (const [name, value] of Object.entries(said)) input.setAttribute(name, value)
  input.form.append(list, spoken)
  shown = { input, list, spoken, text: null }
}

function close() {
  clearTimeout(timer)
  asked?.abort()
  if (!shown) return
  shown.text = null
  shown.list.hidden = true
  shown.input.setAttribute('aria-expanded', 'false')
  shown.input.removeAttribute('aria-activedescendant')
}

// A request leaves once the typing rests, and never in the middle of a word an input method is still making.
function later(input) {
  clearTimeout(timer)
  asked?.abort()
  if (composing) return
  if (!input.value.trim()) return close()
  timer = setTimeout(() => ask(input), PAUSE)
}

async function ask(input) {
  const text = input.value.trim()
  if (!text || text === shown?.text) return
  asked?.abort()
  const mine = asked = new AbortController()
  try {
    const address = new URL(input.dataset.suggest, location.href)
    address.search = new URLSearchParams({ q: text, lang: document.documentElement.lang })
    const answer = await fetch(address, { signal: mine.signal, headers: { accept: 'application/json' } })
    const found = await answer.json()
    if (mine === asked && !mine.signal.aborted && document.activeElement === input) show(input, text, found)
  } catch { /* aborted, or no network: the box goes on as a box */ }
}

function show(input, text, found) {
  equip(input)
  const { list, spoken } = shown
  shown.text = text
  list.replaceChildren(...found.groups.map(group))
  options().forEach((option, place) => { option.id = `suggestion-${place}` })
  list.hidden = !found.groups.length
  input.setAttribute('aria-expanded', String(!list.hidden))
  input.removeAttribute('aria-activedescendant')
  spoken.textContent = found.said ?? ''
}

function group({ label, items }, place) {
  const block = made('div', { role: 'group', 'aria-labelledby': `suggestions-${place}` })
  block.append(made('div', { id: `suggestions-${place}`, class: 'of', role: 'presentation' }, label), ...items.map(suggestion))
  return block
}

function suggestion({ parts, hint, href }) {
  const option = made('a', { role: 'option', href, tabindex: '-1', 'aria-selected': 'false', 'data-go': '' })
  const text = made('bdi')
  parts.forEach((part, place) => { if (part) text.append(place % 2 ? made('mark', {}, part) : part) })
  option.append(text, ' ', made('small', {}, hint))
  return option
}

function choose(option) {
  active()?.setAttribute('aria-selected', 'false')
  if (!option) return shown.input.removeAttribute('aria-activedescendant')
  option.setAttribute('aria-selected', 'true')
  option.scrollIntoView({ block: 'nearest' })
  shown.input.setAttribute('aria-activedescendant', option.id)
}

// Up and down go round through the box itself, where nothing is chosen.
function move(step) {
  const round = [null, ...options()], at = round.indexOf(active())
  choose(round[(at + step + round.length) % round.length])
}

function pressed(event, input) {
  if (event.isComposing || composing) return
  if (event.key === 'ArrowDown' && !event.altKey && !isOpen(input)) { event.preventDefault(); return ask(input) }
  if (!isOpen(input)) return
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); move(event.key === 'ArrowDown' ? 1 : -1) }
  else if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close() }
  else if (event.key === 'Enter' && active()) { event.preventDefault(); active().click() }
  else if (event.key === 'Home' || event.key === 'End') choose(null)
}

document.addEventListener('focusin', (event) => { const input = boxOf(event); if (input) equip(input) })
document.addEventListener('focusout', (event) => { if (boxOf(event)) close() })
document.addEventListener('compositionstart', (event) => { if (boxOf(event)) { composing = true; clearTimeout(timer); asked?.abort() } })
document.addEventListener('compositionend', (event) => { const input = boxOf(event); if (input) { composing = false; later(input) } })
document.addEventListener('input', (event) => { const input = boxOf(event); if (input && !event.isComposing) later(input) })
document.addEventListener('keydown', (event) => { const input = boxOf(event); if (input) pressed(event, input) })
document.addEventListener('submit', (event) => { if (event.target.querySelector?.('input[data-suggest]')) close() }, true)
// The box keeps the focus while a suggestion is pressed; once it is followed the list has done its work.
document.addEventListener('mousedown', (event) => { if (event.target.closest?.('.suggestions')) event.preventDefault() })
document.addEventListener('click', (event) => { if (event.target.closest?.('.suggestions a')) setTimeout(close) })
if (document.activeElement?.matches?.('input[data-suggest]')) equip(document.activeElement)
