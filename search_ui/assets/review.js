// Deciding span by span by mouse and keys. Each decision is kept at once; the page works without this, a form at a time.

const review = document.querySelector('.review[data-page]')
const text = document.querySelector('#text')
const add = document.querySelector('#add')
const problem = document.querySelector('#problem')
const rows = () => [...document.querySelectorAll('.one')]
const spots = span => document.querySelectorAll(`[data-span="${CSS.escape(span)}"]`)
let busy = false

if (review) {
  document.querySelector('.keys')?.removeAttribute('hidden')
  choose(rows().find(row => row.classList.contains('open')) ?? rows()[0], false)
}

// One span is looked at: in the list, in the text and on the image.
function choose(row, move = true) {
  if (!row) return
  document.querySelectorAll('.current[data-span]').forEach(each => each.classList.remove('current'))
  spots(row.dataset.span).forEach(each => each.classList.add('current'))
  if (!move) return
  row.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
  if (matchMedia('(min-width: 768px)').matches) {
    spots(row.dataset.span).forEach(each => each !== row && each.scrollIntoView({ block: 'nearest' }))
  }
}
const current = () => document.querySelector('.one.current')
function step(by) {
  const all = rows()
  choose(all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))])
}
const after = row => {
  const all = rows()
  const begin = all.indexOf(row)
  return [...all.slice(begin + 1), ...all.slice(0, begin)].find(each => each.classList.contains('open'))
}

async function send(form, name, value) {
  if (busy) return
  busy = true
  const body = new URLSearchParams(new FormData(form))
  if (name) body.set(name, value)
  const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } }).catch(() => null)
  busy = false
  if (!answer || !answer.headers.get('content-type')?.includes('json')) return location.reload()
  const told = await answer.json()
  if (told.problem) {
    problem.hidden = false
    problem.querySelector('span').textContent = told.problem
    return problem.scrollIntoView({ block: 'center' })
  }
  show(told)
}

// What was decided may have brought other spans: then the page is drawn anew, at the span that was looked at.
function show(told) {
  const row = current()
  const known = rows().map(each => each.dataset.span)
  if (known.length !== Object.keys(told.spans).length || known.some(span => !(span in told.spans))) {
    return location.assign(`${location.pathname}?page=${review.dataset.page}`)
  }
  for (const [span, state] of Object.entries(told.spans)) {
    spots(span).forEach(each => {
      each.classList.remove('open', 'masked', 'left')
      each.classList.add(state)
    })
  }
  rows().forEach(each => {
    each.querySelector('[name=mask]')?.setAttribute('aria-pressed', each.classList.contains('masked'))
    each.querySelector('[name=leave]')?.setAttribute('aria-pressed', each.classList.contains('left'))
  })
  document.querySelectorAll('[name=seen]').forEach(each => (each.value = told.seen))
  problem.hidden = true
  const open = document.querySelector('#open')
  open.textContent = open.textContent.replace(/\d[\d,]*/, told.open.toLocaleString(document.documentElement.lang))
  document.querySelector('#release').disabled = told.open > 0
  document.querySelector('#release-hint').hidden = told.open === 0
  choose(after(row) ?? row)
}

document.addEventListener('submit', event => {
  const button = event.submitter
  if (!button || !['mask', 'leave'].includes(button.name)) return
  event.preventDefault()
  choose(button.closest('.one'), false)
  send(event.target, button.name, button.value)
})
document.addEventListener('click', event => {
  const spot = event.target.closest('.spot')
  if (spot && getSelection().isCollapsed) choose(rows().find(row => row.dataset.span === spot.dataset.span))
})
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select')) return
  const key = event.key.toLowerCase()
  if (key === 'j' || key === 'k') step(key === 'j' ? 1 : -1)
  else if (key === 'm' || key === 'l') current()?.querySelector(`[name=${key === 'm' ? 'mask' : 'leave'}]`)?.click()
  else if (key === 'n') document.querySelector('[data-go=open]')?.click()
  else return
  event.preventDefault()
})

// Words chosen in the text go into the form; places are counted in characters, not in halves of them.
document.addEventListener('selectionchange', () => {
  const chosen = getSelection()
  if (!add || !text || chosen.isCollapsed || !chosen.rangeCount) return
  const range = chosen.getRangeAt(0)
  if (!text.contains(range.commonAncestorContainer)) return
  const before = document.createRange()
  before.setStart(text, 0)
  before.setEnd(range.startContainer, range.startOffset)
  const start = [...before.toString()].length
  const said = range.toString()
  if (!said.trim()) return
  add.elements.words.value = said.replace(/\s+/g, ' ').trim().slice(0, 500)
  add.elements.start.value = start
  add.elements.end.value = start + [...said].length
})
add?.elements.words.addEventListener('input', () => {
  add.elements.start.value = add.elements.end.value = ''
})
